"""Import direction: kb <- prsearch <- generator; the theme holds no code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]
PACKAGES = ("kb", "prsearch", "generator", "theme")
MAY_IMPORT = {"kb": {"kb"}, "prsearch": {"kb", "prsearch"}, "generator": {"kb", "prsearch", "generator"}, "theme": set()}


def imports(file: Path) -> Iterator[str]:
    """Modules that a file imports anywhere, also inside functions and by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}:
            yield ast.unparse(node.args[0]).strip("'\"")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_stands_before_them(package: str) -> None:
    files = sorted((HERE / package).rglob("*.py"))
    assert files
    for file in files:
        for name in imports(file):
            top = name.partition(".")[0]
            assert not name.startswith("."), f"{file}: imports are absolute"
            assert top not in PACKAGES or top in MAY_IMPORT[package], f"{file}: {name}"
            assert top != "tests", f"{file}: {name}"


def test_only_the_generator_reads_the_theme() -> None:
    for package in ("kb", "prsearch"):
        for file in (HERE / package).rglob("*.py"):
            assert '"theme"' not in file.read_text(encoding="utf-8"), file


def test_the_theme_holds_no_code() -> None:
    assert [file.relative_to(HERE).as_posix() for file in (HERE / "theme").rglob("*.py")] == ["theme/__init__.py"]
    tree = ast.parse((HERE / "theme/__init__.py").read_text(encoding="utf-8"))
    assert all(isinstance(node, ast.Expr) for node in tree.body)


def test_commands_import_what_is_slow_only_when_they_run() -> None:
    """``waypost --help`` needs neither MkDocs nor Pygments nor Pagefind."""
    slow = ("mkdocs", "pygments", "pagefind_bin", "comrak", "PIL", "lxml", "watchfiles", "rich")
    for file in (HERE / "generator" / "commands").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                assert not [name for name in names if name.partition(".")[0] in slow or name in {
                    "generator.build", "generator.serve", "generator.shell", "generator.render"}], file
