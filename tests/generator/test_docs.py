"""Stale documentation fails: every command, option and field is documented, and nothing that is documented is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from generator.cli import main
from kb.parse import STATUSES
from kb.restricted_parts import FIELD as RESTRICTED
from kb.text import HEADINGS

HERE = Path(__file__).resolve().parents[2]
README = (HERE / "README.md").read_text(encoding="utf-8")
RECORDS = (HERE / "docs" / "records.md").read_text(encoding="utf-8")
POLICY = (HERE / "docs" / "policy.md").read_text(encoding="utf-8")
PICTURE = HERE / "docs" / "home.png"
READERS = {"one", "many", "text", "texts", "block", "flag", "choice", "values", "mapping", "mappings", "named"}
READING = {"parse_history", "_successor", "_ranges", "_named", "_dates"}  # take the name of a field as an argument


def table_rows() -> dict[str, str]:
    """Row of the README's table by command."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `waypost ([a-z-]+)[^`]*` \|.*$", README, re.MULTILINE)}


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_option_stands_in_the_readme(command: str) -> None:
    row = table_rows()[command]
    for parameter in main.commands[command].params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[0]}`" in row, parameter.opts
        else:
            assert (parameter.metavar or parameter.name or "").upper() in row


@pytest.mark.parametrize("command", sorted(table_rows()))
def test_every_command_and_option_of_the_readme_exists(command: str) -> None:
    options = {name for parameter in main.commands[command].params for name in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)`", table_rows()[command])) <= options


def test_commands_in_examples_exist() -> None:
    for file in (HERE / "README.md", *sorted((HERE / "docs").glob("*.md"))):
        for line in re.findall(r"^    waypost (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE):
            words = line.split("#")[0].split()
            assert words[0] in main.commands, f"{file.name}: {line}"
            known = {name for parameter in main.commands[words[0]].params for name in parameter.opts}
            assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, f"{file.name}: {line}"


def fields_of(*modules: str) -> set[str]:
    """Names of the fields that modules of kb read, taken from their code."""
    found: set[str] = set()
    for module in modules:
        tree = ast.parse((HERE / "kb" / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if (name in READERS and isinstance(node.func, ast.Attribute)) or name in READING:
                    found |= {part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
                              and re.fullmatch(r"[a-z][a-z0-9_]*", part.value)}
    return found


def words_of(text: str) -> set[str]:
    """What a document writes as code."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}.*$", text, re.MULTILINE)
    return {word for part in code for word in re.findall(r"[a-z][a-z0-9_]*", part)}


@pytest.mark.parametrize("module", ["parse", "affected", "bulletins", "products", "portal", "audiences", "csaf_settings"])
def test_every_field_is_in_the_record_reference(module: str) -> None:
    fields = fields_of(module)
    assert len(fields) > 3
    assert fields - words_of(RECORDS) == set()


def test_every_field_of_a_policy_is_in_the_policy_reference() -> None:
    modules = [path.stem for path in sorted((HERE / "kb").glob("policy*.py"))]
    fields = fields_of(*modules)
    assert len(fields) > 40
    assert fields - words_of(POLICY) == set()


def test_every_field_of_the_reference_is_read() -> None:
    tables = re.findall(r"^\| field \|.*\n((?:\|.*\n)+)", RECORDS, re.MULTILINE)
    documented = set(re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", "".join(tables), re.MULTILINE))
    names = {name for row in documented for name in re.findall(r"`([a-z_]+)`", row)}
    assert len(names) > 30
    assert names - fields_of("parse", "affected", "bulletins", "products", "portal", "audiences") - set(HEADINGS) - {RESTRICTED} == set()


@pytest.mark.parametrize("kind", STATUSES)
def test_every_status_is_in_the_reference(kind: str) -> None:
    rows = [line for line in RECORDS.splitlines() if line.startswith("| `status`")]
    lists = [set(re.findall(r"`([a-z]+)`", line)) - {"status"} for line in rows]
    assert set(STATUSES[kind]) in lists


def test_every_known_section_is_in_the_reference() -> None:
    for key, names in HEADINGS.items():
        assert f"| `{key}` | {names['en']} | {names['ru']} |" in RECORDS


def links_of(file: Path) -> list[Path]:
    return [file.parent / target for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8"))
            if re.match(r"(docs/|\.\./|[\w-]+\.(md|png|svg)$)", target) and "example" not in target]


def test_files_that_documents_link_to_exist() -> None:
    links = [link for file in (HERE / "README.md", HERE / "CONTRIBUTING.md", *sorted((HERE / "docs").glob("*.md")))
             if file.name != "records.md" for link in links_of(file)]
    assert len(links) > 3
    assert [str(link) for link in links if not link.exists() and link != PICTURE] == []


def test_the_picture_of_the_readme_exists() -> None:
    assert PICTURE in links_of(HERE / "README.md")
    assert PICTURE.exists()


def test_the_ways_to_run_things_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (HERE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = README + (HERE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`?make ([a-z]+)", documents)) - targets - {"sure"} == set()


def test_the_tests_that_security_md_names_exist() -> None:
    named = re.findall(r"`(tests/[^`]+)`", (HERE / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    assert [place for place in named if not (HERE / place).exists()] == []
