"""The browser's modules for deadlines, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = Path(__file__).with_name("node_deadlines.mjs")


class Node:
    """Calls functions of the modules in theme/assets; see node_deadlines.mjs for their names."""

    def __init__(self, command: str) -> None:
        self._process = subprocess.Popen([command, str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def call(self, function: str, *arguments: Any) -> Any:
        """What the function returns, as JSON has it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([function, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, f"{function}: {answer['error']}"
        return answer["value"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    command = shutil.which("node")
    if not command:
        pytest.skip("needs node (Node.js), which runs the browser's modules")
    started = Node(command)
    yield started
    started.close()
