"""The sandbox as a test sees it: DingTalk's own SDK clients, and the control API.

The SDK is used as it is installed. Only its documented configuration says where the service is.
"""

import json
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

from alibabacloud_dingtalk.contact_1_0 import models as contact_models
from alibabacloud_dingtalk.contact_1_0.client import Client as ContactClient
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth_models
from alibabacloud_dingtalk.oauth2_1_0.client import Client as OAuthClient
from alibabacloud_dingtalk.robot_1_0 import models as robot_models
from alibabacloud_dingtalk.robot_1_0.client import Client as RobotClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

CLIENT_ID = "dingsandboxclient"
CLIENT_SECRET = "sandbox-client-secret-not-a-real-one-do-not-use-anywhere-else-00"
CORP_ID = "dingsandboxcorp"

# The SDK would repeat a call that failed with 5xx; a test wants to see the failure.
ONCE = RuntimeOptions(autoretry=False)


class Sandbox:
    """A running sandbox."""

    def __init__(self, authority: str):
        self.base = f"http://{authority}"
        config = Config(protocol="http", region_id="central", endpoint=authority)
        self.oauth = OAuthClient(config)
        self.contact = ContactClient(config)
        self.robot = RobotClient(config)

    def control(self, method: str, path: str, body: dict | None = None):
        """Calls the control API; a refusal raises."""
        request = Request(
            f"{self.base}/_sandbox{path}",
            method=method,
            data=None if method == "GET" else json.dumps(body or {}).encode(),
            headers={"content-type": "application/json"},
        )
        with urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None

    def sign_in(self, person: str, scope: str = "openid") -> str:
        """Signs somebody in as the login page would, and returns the code."""
        query = urlencode({
            "redirect_uri": "http://127.0.0.1:13000/callback",
            "response_type": "code",
            "client_id": CLIENT_ID,
            "scope": scope,
            "prompt": "consent",
            "state": "s",
        })
        body = {"authorizationUrl": f"{self.base}/oauth2/auth?{query}", "person": person}
        location = self.control("POST", "/sign-in", body)["location"]
        return parse_qs(urlsplit(location).query)["code"][0]

    def user_token(self, code: str, secret: str = CLIENT_SECRET):
        """Exchanges a code."""
        return self.oauth.get_user_token(oauth_models.GetUserTokenRequest(
            client_id=CLIENT_ID, client_secret=secret, code=code, grant_type="authorization_code",
        )).body

    def refreshed_token(self, refresh_token: str):
        """Renews a person's token."""
        return self.oauth.get_user_token(oauth_models.GetUserTokenRequest(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            refresh_token=refresh_token,
            grant_type="refresh_token",
        )).body

    def app_token(self, secret: str = CLIENT_SECRET):
        """The app's token."""
        return self.oauth.get_access_token(
            oauth_models.GetAccessTokenRequest(app_key=CLIENT_ID, app_secret=secret)
        ).body

    def organization_token(self, corp_id: str = CORP_ID, **changes: str):
        """The app's token, in the spelling of an organization's."""
        fields = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials",
        }
        return self.oauth.get_token(corp_id, oauth_models.GetTokenRequest(**fields | changes)).body

    def leave_records(self, token: str, next_token: str = "0", **changes):
        """A page of those who left."""
        headers = contact_models.ListEmpLeaveRecordsHeaders(x_acs_dingtalk_access_token=token)
        fields = {"start_time": "2020-01-01T00:00:00Z", "next_token": next_token, "max_results": 2}
        request = contact_models.ListEmpLeaveRecordsRequest(**fields | changes)
        return self.contact.list_emp_leave_records_with_options(request, headers, ONCE).body

    def robot_send(self, token: str, people: list[str], **changes):
        """A robot's message to some people."""
        headers = robot_models.BatchSendOTOHeaders(x_acs_dingtalk_access_token=token)
        fields = {
            "robot_code": CLIENT_ID,
            "user_ids": people,
            "msg_key": "sampleText",
            "msg_param": json.dumps({"content": "你好"}),
        }
        request = robot_models.BatchSendOTORequest(**fields | changes)
        return self.robot.batch_send_otowith_options(request, headers, ONCE).body

    def robot_status(self, token: str, key: str):
        """Who has read it."""
        headers = robot_models.BatchOTOQueryHeaders(x_acs_dingtalk_access_token=token)
        request = robot_models.BatchOTOQueryRequest(robot_code=CLIENT_ID, process_query_key=key)
        return self.robot.batch_otoquery_with_options(request, headers, ONCE).body

    def robot_recall(self, token: str, keys: list[str]):
        """Takes it back."""
        headers = robot_models.BatchRecallOTOHeaders(x_acs_dingtalk_access_token=token)
        request = robot_models.BatchRecallOTORequest(robot_code=CLIENT_ID, process_query_keys=keys)
        return self.robot.batch_recall_otowith_options(request, headers, ONCE).body

    def old(self, path: str, body: dict, token: str) -> dict:
        """A call of the old family, which the SDK does not have."""
        request = Request(
            f"{self.base}{path}?{urlencode({'access_token': token})}",
            data=urlencode(body).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        with urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def user(self, token: str, union_id: str = "me"):
        """A profile."""
        headers = contact_models.GetUserHeaders(x_acs_dingtalk_access_token=token)
        return self.contact.get_user_with_options(union_id, headers, ONCE).body
