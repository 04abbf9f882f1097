"""DingTalk's official Python SDK, unmodified, reads who left; the old family's calls, which it has not, are read as forms."""

import pytest
from Tea.exceptions import TeaException

from sandbox import Sandbox


def test_who_left_page_by_page(sandbox: Sandbox):
    for person in ["lina", "marie", "liuyang"]:
        sandbox.control("POST", f"/people/{person}/dismiss", {"reason": "leave"})
    token = sandbox.app_token().access_token
    first = sandbox.leave_records(token)
    assert [record.user_id for record in first.records] == ["user-lina", "user-marie"]
    record = first.records[0]
    assert (record.name, record.state_code, record.mobile, record.leave_reason) == ("李娜", "86", "13800000002", "leave")
    assert record.leave_time.endswith("Z")
    last = sandbox.leave_records(token, first.next_token)
    assert [record.user_id for record in last.records] == ["user-liuyang"]
    assert (last.records[0].mobile, last.next_token) == (None, None)


def test_leavers_are_refused_without_permission_or_with_wrong_sizes(sandbox: Sandbox):
    token = sandbox.app_token().access_token
    with pytest.raises(TeaException) as raised:
        sandbox.leave_records(token, max_results=51)
    assert raised.value.code == "invalidParameter"
    sandbox.control("PUT", "/apps/dingsandboxclient", {"permissions": []})
    with pytest.raises(TeaException) as raised:
        sandbox.leave_records(token)
    assert raised.value.data["accessdenieddetail"] == {"requiredScopes": ["Contact.Common.Read"]}


def test_a_whole_company_is_read_department_by_department(sandbox: Sandbox):
    sandbox.control("PUT", "/company", {"people": 300, "departments": 12, "seed": 3})
    token = sandbox.app_token().access_token
    scopes = sandbox.old("/auth/scopes", {}, token)["auth_org_scopes"]
    departments, people = list(scopes["authed_dept"]), set()
    for department in departments:
        below = sandbox.old("/topapi/v2/department/listsub", {"dept_id": department}, token)
        departments.extend(it["dept_id"] for it in below["result"])
        page = {"has_more": True, "next_cursor": 0}
        while page["has_more"]:
            body = {"dept_id": department, "cursor": page["next_cursor"], "size": 20}
            page = sandbox.old("/topapi/v2/user/list", body, token)["result"]
            people.update(member["userid"] for member in page["list"])
    assert (len(departments), len(people)) == (13, 300)
    count = sandbox.old("/topapi/user/count", {"only_active": "false"}, token)
    assert count["result"] == {"count": 300}
