"""DingTalk's official Python SDK, unmodified, signs people in at the sandbox."""

import pytest
from Tea.exceptions import TeaException

from sandbox import CORP_ID, Sandbox

USED_UP = "invalidParameter.authCode.notFound"
PERMISSION = "Forbidden.AccessDenied.AccessTokenPermissionDenied"


def refused(call, *arguments, **options) -> TeaException:
    """What a call raises that must be refused."""
    with pytest.raises(TeaException) as raised:
        call(*arguments, **options)
    return raised.value


def test_a_person_signs_in(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    assert token.expire_in == 7200
    assert token.corp_id is None
    assert sandbox.user(token.access_token).to_map() == {
        "nick": "张伟",
        "mobile": "13800000001",
        "stateCode": "86",
        "openId": "open-zhangwei.dingsandboxclient",
        "unionId": "union-zhangwei",
        "visitor": False,
    }


def test_the_organization_comes_with_its_scope(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei", scope="openid corpid"))
    assert token.corp_id == CORP_ID


def test_a_person_without_phone_and_mailbox(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("liuyang"))
    person = sandbox.user(token.access_token)
    assert (person.union_id, person.mobile, person.state_code, person.email) == ("union-liuyang", None, None, None)


def test_a_token_is_renewed(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    renewed = sandbox.refreshed_token(token.refresh_token)
    assert renewed.access_token == token.access_token
    assert refused(sandbox.refreshed_token, "unknown").code == USED_UP


def test_the_two_spellings_of_the_apps_token_agree(sandbox: Sandbox):
    plain = sandbox.app_token()
    organised = sandbox.organization_token()
    assert (plain.expire_in, organised.expires_in) == (7200, 7200)
    assert plain.access_token == organised.access_token


def test_a_wrong_secret(sandbox: Sandbox):
    code = sandbox.sign_in("zhangwei")
    assert refused(sandbox.user_token, code, secret="wrong").code == "invalidClientIdOrSecret"
    assert refused(sandbox.app_token, secret="wrong").code == "invalidClientIdOrSecret"
    assert refused(sandbox.organization_token, client_secret="wrong").code == "invalid.client"
    assert sandbox.user_token(code).access_token, "the code was not used up"


def test_a_used_code(sandbox: Sandbox):
    code = sandbox.sign_in("zhangwei")
    sandbox.user_token(code)
    error = refused(sandbox.user_token, code)
    assert error.code == USED_UP
    assert error.data["statusCode"] == 400
    assert error.data["requestid"]


def test_an_expired_code(sandbox: Sandbox):
    code = sandbox.sign_in("zhangwei")
    sandbox.control("POST", "/clock", {"advanceSeconds": 300})
    assert refused(sandbox.user_token, code).code == USED_UP


def test_an_in_app_code(sandbox: Sandbox):
    issued = sandbox.control("POST", "/codes", {"person": "zhangwei", "kind": "jsapi"})
    assert refused(sandbox.user_token, issued["code"]).code == USED_UP


def test_a_missing_permission(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    sandbox.control("PUT", "/apps/dingsandboxclient", {"permissions": []})
    error = refused(sandbox.user, token.access_token)
    assert error.code == PERMISSION
    assert error.data["statusCode"] == 403
    assert error.data["accessdenieddetail"] == {"requiredScopes": ["Contact.User.Read"]}


def test_an_invalid_token(sandbox: Sandbox):
    assert refused(sandbox.user, "wrong").code == "InvalidAuthentication"
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    sandbox.control("POST", "/tokens/revoke")
    assert refused(sandbox.user, token.access_token).code == "InvalidAuthentication"


def test_an_expired_token(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    sandbox.control("POST", "/clock", {"advanceSeconds": 7200})
    assert refused(sandbox.user, token.access_token).code == "accesstoken.expired"


def test_somebody_else(sandbox: Sandbox):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    assert sandbox.user(token.access_token, "union-zhangwei").nick == "张伟"
    assert refused(sandbox.user, token.access_token, "union-lina").code == "invalidParameter.user.notFound"


@pytest.mark.parametrize(
    ("corp_id", "changes", "status", "code"),
    [
        ("dingunknown", {}, 500, "unknownError"),
        ("dingothercorp", {}, 401, "unauthorized.client"),
        (CORP_ID, {"grant_type": "password"}, 400, "unsupported.grant.type"),
        (CORP_ID, {"client_id": "dingunknown"}, 400, "invalid.client"),
    ],
)
def test_an_organizations_token_is_refused(sandbox: Sandbox, corp_id, changes, status, code):
    error = refused(sandbox.organization_token, corp_id, **changes)
    assert (error.data["statusCode"], error.code) == (status, code)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
        ("ipNotAllowed", 403, "Forbidden.AccessDenied.IpNotInWhiteList"),
        ("tokenInvalid", 400, "InvalidAuthentication"),
        ("permissionMissing", 403, PERMISSION),
    ],
)
def test_faults_read_as_the_sdk_expects(sandbox: Sandbox, fault, status, code):
    token = sandbox.user_token(sandbox.sign_in("zhangwei"))
    sandbox.control("POST", "/faults", {"endpoint": "/v1.0/contact/users/me", "fault": fault})
    error = refused(sandbox.user, token.access_token)
    assert (error.data["statusCode"], error.code) == (status, code)
    assert sandbox.user(token.access_token).union_id == "union-zhangwei"
