"""Fixtures: a sandbox of its own for the whole run, back at its seed before each test.

SANDBOX_COMMAND says how to start it; by default the server's debug build of this repository.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_COMMAND = f"{shlex.quote(str(REPOSITORY / 'target/debug/nocobase-dingtalk'))} sandbox"
ANNOUNCEMENT = re.compile(r"DingTalk sandbox listening on http://(?P<authority>[^\s/]+)")


@pytest.fixture(scope="session")
def process() -> Iterator[str]:
    """The running sandbox, as host and port."""
    command = shlex.split(os.environ.get("SANDBOX_COMMAND", DEFAULT_COMMAND))
    # Settings of the developer's own shell must not reach it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
    child = subprocess.Popen(
        command,
        env=environment | {"SANDBOX_HOST": "127.0.0.1", "SANDBOX_PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield announced_authority(child)
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            # It would stay behind, and so would its port.
            child.kill()
            raise


def announced_authority(child: subprocess.Popen) -> str:
    """Reads the port from the process's output; the end of the output means that it did not start."""
    for line in child.stdout:
        found = ANNOUNCEMENT.search(line)
        if found:
            return found["authority"]
    pytest.exit(f"the sandbox ended with status {child.wait()} before it listened", returncode=1)


@pytest.fixture
def sandbox(process: str) -> Sandbox:
    """The seeded sandbox."""
    fresh = Sandbox(process)
    fresh.control("POST", "/reset")
    return fresh
