"""What is fuzzed: each target takes any bytes, and whatever it raises but the module's own errors is a mistake."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from kb.findings import Finding, SourceError
from kb.importers import run_import
from kb.library import View
from kb.load import load
from kb.range_syntax import Affected
from kb.ranges import affected_releases, parse_range
from kb.releases import ReleaseError, parse_release
from kb.resolve import resolve
from kb.source import json_object, parse_document, parse_yaml
from prsearch.query import QueryError, parse_query
from tests.kb.checking import AT
from tests.sites.full import write_full_site

_KNOWN = {"junos": ("21.4R1", "21.4R3"), "dotted": ("1.0", "2.1.3"), "semver": ("1.0.0", "2.1.3")}
_PORTAL = "name: Test\nvendor: Example\nurl: https://support.example.com/\nlanguages: [en, ru]\n"
_PRODUCTS = "products:\n  - {id: exos, name: ExOS, scheme: junos, releases: [{id: 21.4R1}, {id: 21.4R3}]}\n  - {id: tool, name: Tool, scheme: semver}\n"


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def ranges(data: bytes) -> None:
    """Release ids and ranges in all schemes; what can be read can also be asked."""
    for scheme in _KNOWN:
        with suppress(ReleaseError):
            parse_release(text_of(data), scheme)
        with suppress(ReleaseError):
            found = parse_range(text_of(data), scheme)
            affected_releases([Affected("p", ranges=found)], "p", _KNOWN[scheme], scheme)


def front_matter(data: bytes) -> None:
    with suppress(SourceError):
        parse_document(text_of(data), "x.md")
    with suppress(SourceError):
        parse_yaml(text_of(data), "x.yml")
    assert isinstance(json_object(data, "x.jsonl", 1), dict | Finding)


def query(data: bytes) -> None:
    with suppress(QueryError):
        parse_query(text_of(data))


@cache
def _folder() -> Path:
    """A folder for the life of the process."""
    return Path(tempfile.mkdtemp(prefix="waypost-fuzz-"))


def imported(form: str, name: str, data: bytes) -> None:
    """A file is imported, and what came of it can be loaded."""
    root = _folder() / form
    shutil.rmtree(root, ignore_errors=True)
    (root / "site").mkdir(parents=True)
    (root / "site" / "portal.yml").write_text(_PORTAL, encoding="utf-8")
    (root / "site" / "products.yml").write_text(_PRODUCTS, encoding="utf-8")
    (root / name).write_bytes(data)
    run_import(form, root / name, root / "site", product="exos", date="2026-01-01")
    errors = [finding for finding in load(root / "site", ("en", "ru")).findings if finding.level == "error"]
    assert not errors, errors[0]


@cache
def _site() -> Path:
    return write_full_site(_folder() / "full")


def loaded(path: str, data: bytes) -> None:
    """One file of a sound site is these bytes."""
    file = _site() / path
    sound = file.read_bytes()
    file.write_bytes(data)
    try:
        content = load(_site(), ("en", "ru"))
        resolve(content, View(AT))
        for finding in content.findings:
            assert str(finding).isprintable(), str(finding)
    finally:
        file.write_bytes(sound)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "ranges": ranges, "front_matter": front_matter, "query": query,
    "csaf": partial(imported, "csaf", "x.json"), "osv": partial(imported, "osv", "x.json"), "cve": partial(imported, "cve", "x.json"),
    "kcs": partial(imported, "kcs", "KB10001.md"), "jsonl": partial(imported, "jsonl", "x.jsonl"), "csv": partial(imported, "csv", "x.csv"),
    "records": partial(loaded, "reports/list.jsonl"), "article": partial(loaded, "articles/KB10001.md"),
    "advisory": partial(loaded, "advisories/SA-2026-0001.md"), "policy": partial(loaded, "policy.yml"),
    "report": partial(loaded, "reports/100001.md"), "notice": partial(loaded, "notices/SN-2026-0001.md"),
    "bulletin": partial(loaded, "bulletins/TB-2026-0001.md"), "products": partial(loaded, "products.yml"), "portal": partial(loaded, "portal.yml"),
}
CORPUS = Path(__file__).parent / "corpus"


def seeds(target: str) -> list[bytes]:
    """The kept inputs of a target, and sound ones to begin with."""
    kept = [file.read_bytes() for file in sorted((CORPUS / target).glob("*")) if file.is_file()]
    action = TARGETS[target]
    own = [(_site() / action.args[0]).read_bytes()] if isinstance(action, partial) and action.func is loaded else []
    return [*kept, *own]
