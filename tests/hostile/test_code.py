"""What holds for all code: no shell, no evaluation of texts, and no pattern that a text could keep busy."""

from __future__ import annotations

import ast
import importlib
import json
import re
import re._constants as constants
import re._parser as parser
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import pytest

HERE = Path(__file__).resolve().parents[2]
PACKAGES = ("kb", "prsearch", "generator")
FILES = sorted(file for package in PACKAGES for file in (HERE / package).rglob("*.py"))
CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer", "subn"}


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(HERE).as_posix())
def test_no_shell_and_no_evaluation(file: Path) -> None:
    for call in calls(file):
        name = ast.unparse(call.func)
        assert name not in {"eval", "exec", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pickle.loads",
                            "pickle.load", "marshal.loads", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "shelve.open"}, f"line {call.lineno}"
        for given in call.keywords:
            assert not (given.arg == "shell" and not (isinstance(given.value, ast.Constant) and given.value.value is False)), call.lineno
        if name.startswith("subprocess.") and name.rpartition(".")[2] in {"run", "Popen", "call", "check_call", "check_output"}:
            assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp), f"line {call.lineno}: a command is a list"


def patterns() -> list[tuple[str, str, int]]:
    """(place, pattern, flags) of all compiled patterns of modules and all that are written where they are used."""
    found: dict[tuple[str, int], str] = {}
    for file in FILES:
        name = file.relative_to(HERE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        if name not in {"generator.messages"}:
            for key, value in vars(importlib.import_module(name)).items():
                for one in value.values() if isinstance(value, dict) else [value] if not isinstance(value, list | tuple) else value:
                    if isinstance(one, re.Pattern):
                        text = one.pattern.decode("latin-1") if isinstance(one.pattern, bytes) else one.pattern
                        found.setdefault((text, one.flags & ~re.UNICODE), f"{name}.{key}")
        for call in calls(file):
            function = ast.unparse(call.func)
            if function.startswith("re.") and function[3:] in CALLS and isinstance(call.args[0], ast.Constant):
                written = call.args[0].value
                text = written.decode("latin-1") if isinstance(written, bytes) else written
                found.setdefault((text, 0), f"{name}:{call.lineno}")
            elif function == "pattern" and isinstance(call.args[0], ast.Constant):
                found.setdefault((call.args[0].value, 0), f"{name}:{call.lineno}")
    return [(place, text, flags) for (text, flags), place in sorted(found.items())]


LONG, LIMIT = 1_500, 1.0  # characters, seconds


def nested_repeats(tree: Any, inside: bool = False) -> Iterator[str]:
    """Repeats without an end within repeats without an end, where the inner one can give way to the outer: what takes exponential time."""
    for kind, value in tree:
        if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            _least, most, inner = value
            endless = most == constants.MAXREPEAT
            if endless and inside and len(tree) == 1:
                yield str(inner)
            yield from nested_repeats(inner, endless or (inside and len(tree) == 1))
        elif kind is constants.SUBPATTERN:
            yield from nested_repeats(value[3], inside and len(tree) == 1)
        elif kind is constants.BRANCH:
            for branch in value[1]:
                yield from nested_repeats(branch, inside and len(tree) == 1)
        elif kind in (constants.ASSERT, constants.ASSERT_NOT):
            yield from nested_repeats(value[1])


def test_no_pattern_repeats_a_repeat() -> None:
    """``(a+)+`` and its like, all that takes exponential time in practice."""
    known = patterns()
    assert len(known) > 150
    for place, text, flags in known:
        assert not list(nested_repeats(parser.parse(text, flags & ~re.DEBUG))), f"{place}: {text}"


def alphabet(tree: Any) -> Iterator[str]:
    """Characters that a pattern speaks of."""
    for kind, value in tree:
        if kind is constants.LITERAL:
            yield chr(value)
        elif kind is constants.IN:
            for inner, what in value:
                if inner is constants.LITERAL:
                    yield chr(what)
                elif inner is constants.RANGE:
                    yield chr(what[0])
                elif inner is constants.CATEGORY:
                    yield {constants.CATEGORY_DIGIT: "1", constants.CATEGORY_SPACE: " ", constants.CATEGORY_WORD: "a"}.get(what, "-")
        elif kind is constants.SUBPATTERN:
            yield from alphabet(value[3])
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            yield from alphabet(value[2])
        elif kind is constants.BRANCH:
            for branch in value[1]:
                yield from alphabet(branch)


def ways() -> dict[str, set[str]]:
    """How the pattern of each name is used: only from the beginning of a text, or anywhere in it."""
    used: dict[str, set[str]] = {}
    for file in FILES:
        for name, method in re.findall(r"\b(\w+)\.(match|fullmatch|search|sub|subn|split|findall|finditer)\b", file.read_text(encoding="utf-8")):
            used.setdefault(name, set()).add(method if method in {"match", "fullmatch"} else "search")
    return used


def seconds(pattern: re.Pattern[str], methods: set[str], text: str) -> float:
    """Processor time of one use."""
    began = process_time()
    for method in methods:
        getattr(pattern, method)(text)
    return process_time() - began


@pytest.mark.slow
def test_no_pattern_takes_more_than_the_square_of_a_text() -> None:
    """Texts of one character, and of two in turn, of those that the pattern speaks of. The square of 1,500 characters costs next to
    nothing, their cube many times the limit."""
    used = ways()
    for place, text, flags in patterns():
        pattern, methods = re.compile(text, flags), used.get(place.rpartition(".")[2], {"search"})
        letters = list(dict.fromkeys([*alphabet(parser.parse(text, flags & ~re.DEBUG)), "a", " ", "1", "\n"]))[:14]
        pieces = [*letters, *("".join(two) for two in pairwise(letters)), "".join(letters)]
        prefix = "".join(letters[:3])
        for piece in pieces:
            for long in (piece * (LONG // len(piece)) + "\0", prefix + piece * (LONG // len(piece)) + "\0"):
                spent = seconds(pattern, methods, long)
                spent = spent if spent < LIMIT else min(spent, seconds(pattern, methods, long))  # a busy machine is no fault
                assert spent < LIMIT, f"{place}: {text} took {spent:.2f} s for {len(long):,} characters of {piece!r}"


def growth(*arguments: Path, given: str = "") -> Any:
    """What ``growth.mjs`` finds in a folder of scripts, or of the expressions that are given."""
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node (Node.js), which runs the browser's expressions")
    done = subprocess.run([node, str(HERE / "tests" / "hostile" / "growth.mjs"), *map(str, arguments)], input=given, capture_output=True,
                          encoding="utf-8", timeout=300, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_no_expression_of_a_script_takes_more_than_the_square_of_a_text() -> None:
    scripts = HERE / "theme" / "assets"
    found = growth(scripts)
    assert found["count"] > 150
    assert not [(name, line) for name in ("redact", "numbers", "pr-query", "log-lines", "csv", "search-notes")
                for line in re.findall(r"^const [A-Z]+ = (/.+/[a-z]*);", (scripts / f"{name}.js").read_text(encoding="utf-8"), re.MULTILINE)
                if f"{name}.js: {line}" not in found["places"]], "expressions that are not found"
    assert found["bad"] == []


@pytest.mark.slow
def test_expressions_that_take_more_are_noticed() -> None:
    bad = [r"(a+)+$", r"\S\s*[\r\n]+\s*\S", r"^\d\S*\.\S*\d\S*$", r"(x|x)*y"]
    found = growth(given=json.dumps([*bad, " +$", "[0-9]+-", r"(?<!\*)\*+$"]))
    assert [source for source, _text in found["bad"]] == bad
