"""The browser's modules, run by Node.js: a script answers calls of functions as tests/answering.mjs tells."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

MOST = 60  # seconds for an answer

class Node:
    """Calls functions of a script by their names."""

    def __init__(self, command: str, script: Path) -> None:
        self._process = subprocess.Popen([command, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def call(self, function: str, *arguments: Any) -> Any:
        """What the function returns, as JSON has it."""
        assert self._process.stdin and self._process.stdout
        limit = Timer(MOST, self._process.kill)
        limit.start()
        self._process.stdin.write(json.dumps([function, *arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        limit.cancel()
        assert line, f"{function}: no answer within {MOST} s"
        answer = json.loads(line)
        assert "error" not in answer, f"{function}: {answer['error']}"
        return answer["value"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@contextmanager
def answering(script: Path) -> Iterator[Node]:
    """A script that answers; the test is skipped where there is no Node.js."""
    command = shutil.which("node")
    if not command:
        pytest.skip("needs node (Node.js), which runs the browser's modules")
    started = Node(command, script)
    yield started
    started.close()
