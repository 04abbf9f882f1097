"""DingTalk's official Stream SDK for Python, unmodified, hears the sandbox's events and acknowledges them."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import CLIENT_ID, CLIENT_SECRET, CORP_ID, Sandbox

CLIENT = Path(__file__).with_name("stream_client.py")
# Much longer than anything takes. Without an end to waiting, what is broken would hold up the whole run.
PATIENCE_SECONDS = 120


@contextmanager
def listening(sandbox: Sandbox, *answers: str, secret: str = CLIENT_SECRET) -> Iterator[subprocess.Popen]:
    """The SDK in a process of its own, for it reads its address when it is imported."""
    child = subprocess.Popen(
        [sys.executable, str(CLIENT), CLIENT_ID, secret, *answers],
        env=os.environ | {"DINGTALK_OPENAPI_ENDPOINT": sandbox.base, "NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Whoever reads what a silent client says, reads its end then.
    limit = threading.Timer(PATIENCE_SECONDS, child.kill)
    limit.start()
    try:
        yield child
    finally:
        limit.cancel()
        child.kill()
        child.communicate(timeout=10)


def until(sandbox: Sandbox, path: str, holds):
    """Asks until it is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = sandbox.control("GET", path)
        if holds(answer):
            return answer
        assert time.monotonic() < end, f"waited in vain at {path}: {answer}"
        time.sleep(0.01)


def connected(sandbox: Sandbox):
    return until(sandbox, "/stream", lambda connections: connections)


def heard(child: subprocess.Popen) -> dict:
    """The next event."""
    return json.loads(child.stdout.readline())


def test_an_event_is_heard_and_acknowledged(sandbox: Sandbox):
    with listening(sandbox) as child:
        connected(sandbox)
        sandbox.control("POST", "/people/lina/dismiss")
        event = heard(child)
        assert (event["type"], event["corp"]) == ("user_leave_org", CORP_ID)
        assert event["data"]["userId"] == ["user-lina"]
        until(sandbox, "/events", lambda rows: rows[0]["outcome"] == "acknowledged")
        assert sandbox.control("GET", "/stream")[0]["acknowledged"] == 1


def test_what_was_not_taken_comes_again_under_the_same_identifier(sandbox: Sandbox):
    sandbox.control("PUT", "/events", {"redeliveryMs": 50, "mostAttempts": 1000000})
    with listening(sandbox, "later", "ok") as child:
        connected(sandbox)
        sandbox.control("POST", "/departments", {"name": "新部门"})
        first, second = heard(child), heard(child)
        assert first["type"] == "org_dept_create"
        assert (first["id"], first["data"]) == (second["id"], second["data"])
        assert first["message"] != second["message"]
        until(sandbox, "/events", lambda rows: rows[0]["outcome"] == "acknowledged")


def test_pings_are_answered_and_a_goodbye_is_followed_by_a_new_connection(sandbox: Sandbox):
    sandbox.control("PUT", "/events", {"pingMs": 50})
    with listening(sandbox) as child:
        old = until(sandbox, "/stream", lambda all: all and all[0]["pongs"] > 0)[0]["id"]
        sandbox.control("POST", "/stream/close", {"how": "disconnect"})
        until(sandbox, "/stream", lambda all: all and all[0]["id"] != old)
        sandbox.control("POST", "/people", {"id": "newbie"})
        assert [heard(child)["type"], heard(child)["type"]] == ["user_add_org", "user_modify_org"]


def test_wrong_credentials_open_nothing(sandbox: Sandbox):
    with listening(sandbox, secret="wrong") as child:
        said = next((line for line in child.stderr if "open connection failed" in line), "nothing of it")
        assert "401" in said
        assert sandbox.control("GET", "/stream") == []
