"""DingTalk's official Python SDK, unmodified, sends a robot's message and reads what became of it."""

import pytest
from Tea.exceptions import TeaException

from sandbox import Sandbox


def test_a_message_is_sent_and_taken_back(sandbox: Sandbox):
    token = sandbox.app_token().access_token
    sent = sandbox.robot_send(token, ["user-lina", "user-nobody"])
    assert (sent.invalid_staff_id_list, sent.flow_controlled_staff_id_list) == (["user-nobody"], [])
    status = sandbox.robot_status(token, sent.process_query_key)
    [info] = status.message_read_info_list
    assert (status.send_status, info.user_id, info.read_status) == ("SUCCESS", "user-lina", "UNREAD")
    recalled = sandbox.robot_recall(token, [sent.process_query_key, "unknown"])
    assert recalled.success_result == [sent.process_query_key]
    assert list(recalled.failed_result) == ["unknown"]
    assert sandbox.robot_status(token, sent.process_query_key).send_status == "RECALLED"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"robot_code": "dingunknown"}, "invalidParameter.robotCode.notExsit"),
        ({"user_ids": ["u"] * 21}, "invalidParameter.userIds.overMax"),
        ({"msg_key": "sampleDance"}, "invalidParameter.msgKey.invalid"),
        ({"msg_param": "no json"}, "invalidParameter.msgParam.invalid"),
    ],
)
def test_a_wrong_message_is_refused(sandbox: Sandbox, changes, code):
    token = sandbox.app_token().access_token
    with pytest.raises(TeaException) as raised:
        sandbox.robot_send(token, ["user-lina"], **changes)
    assert raised.value.code == code


def test_the_same_work_notification_is_dropped(sandbox: Sandbox):
    now = sandbox.control("POST", "/clock", {"advanceSeconds": 0})["now"]
    # Noon in China, so that no day ends in between.
    sandbox.control("POST", "/clock", {"advanceSeconds": (4 * 3600 - now) % (24 * 3600)})
    token = sandbox.app_token().access_token
    send = "/topapi/message/corpconversation/asyncsend_v2"
    body = {"agent_id": 1900000001, "userid_list": "user-lina", "msg": '{"msgtype":"text","text":{"content":"x"}}'}
    result = "/topapi/message/corpconversation/getsendresult"
    for received, dropped in [(["user-lina"], []), ([], ["143106"])]:
        task = sandbox.old(send, body, token)["task_id"]
        told = sandbox.old(result, {"agent_id": 1900000001, "task_id": task}, token)["send_result"]
        assert told["unread_user_id_list"] == received
        assert [it["code"] for it in told["forbidden_list"]] == dropped
