"""The site with every field, of which each that takes free text holds texts of attackers.

Which fields do is asked of the loader: all are tried, and those that are refused keep what they had. So a new field is covered as soon
as it stands in ``tests.sites.full``, which ``test_pages.py`` holds.
"""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from kb.fields import Wrong
from kb.findings import errors
from kb.library import View
from kb.load import load
from kb.resolve import resolve
from kb.show_version import parse_template
from tests.hostile.payloads import PAYLOADS
from tests.kb.checking import AT
from tests.sites.full import (
    CASES,
    ENTITLEMENTS,
    KINDS,
    LINE,
    RETURN,
    TEXT,
    Data,
    Leaf,
    full_data,
    leaves,
    put,
    write_full_site,
    written,
)

COPIES = 6  # records of each kind, so that a field holds several payloads
_PARTS = ("{0}", "* {0}", "### {0}", "    {0}", "```html\n{0}\n```", "| {1} |\n| --- |\n| {1} |", "[{0}](https://support.example.com/ \"{0}\")",
          "<div>{0}</div>", "`{0}` **{0}** ~~{0}~~")
_LONGEST = 240  # characters; titles have at most 250
_IDS = {"article": "KB3{:04}", "report": "3{:05}", "advisory": "HA-2026-{:04}", "notice": "HN-2026-{:04}", "bulletin": "HB-2026-{:04}"}
# What no text of an attacker fits, for speed: all others are tried.
_FIXED = frozenset(["affects", "after", "announced", "archives", "audience", "audiences", "base", "based_on", "before", "calendar", "category", "channels", "component", "created", "critical", "cves", "cvss", "cwe", "date", "default_status", "download", "duplicate_of", "ecosystem", "effective", "email", "end", "end_of_engineering", "end_of_support", "escalates_to", "field", "fingerprint", "fixed", "from", "high", "hours", "hub", "id", "introduced", "iterations", "keys", "kind", "language", "languages", "level", "list_on_aggregators", "mail", "mirror_on_aggregators", "namespace", "need", "number", "omit", "opens", "opens_cases", "pattern", "pgp_key", "plan", "platforms", "popular", "prefill", "product", "products", "publish", "publish_at", "ranges", "recommended", "records", "ref", "regions", "related", "released", "releases", "replaced_by", "reseller_delay", "response", "role", "scheme", "severity", "sha256", "source", "status", "superseded_by", "timezone", "tlp", "type", "unaffected", "until", "update", "updated", "updates", "url", "variants", "vector", "version", "vulnerabilities", "with_workaround", "within", "zone"])
_FREE_CELLS = {"serial", "contract", "reference", "site", "site_id", "contact", "part", "code"}


class Hostile(NamedTuple):
    """The site's folder, and the fields that hold payloads: (file, way in it)."""

    root: Path
    fields: tuple[tuple[str, Leaf], ...]


def payload(number: int) -> str:
    return PAYLOADS[number % len(PAYLOADS)][:_LONGEST]


def template_of(text: str) -> str:
    """A template of a line that begins with a payload; empty where such a one is refused."""
    with suppress(Wrong):
        return parse_template(f"{text[:180]} {{release}}")
    return ""


def body(texts: list[str]) -> str:
    """A text with these payloads as paragraphs, in lists, tables, code, headings, links and as HTML blocks."""
    parts = [TEXT.format(other="KB10002", first="Problem", second="Solution")]
    for text in texts:
        parts += [part.format(text, text.replace("|", "\\|")) for part in _PARTS]
    return "\n\n".join(parts) + "\n"


def accepted(root: Path) -> list[str]:
    """The payloads that a text may hold; such as leads to no record or file is refused."""
    one = "\n\n".join(_PARTS)
    texts = [text for text in PAYLOADS if "\n" not in text]
    articles = {f"articles/KB4{number:04}.md": {"id": f"KB4{number:04}", "status": "published", "title": "T", "summary": "S", "products": ["exos"],
                                                "created": "2026-01-01", "updated": "2026-01-01", "": one.format(text, text.replace("|", "\\|"))}
                for number, text in enumerate(texts)}
    write_full_site(root, full_data() | articles)
    content = load(root, ("en", "ru"))
    refused = {finding.path for finding in errors([*content.findings, *resolve(content, View(AT))[1]])}
    return [text for path, text in zip(articles, texts, strict=True) if path not in refused]


def write_hostile_site(root: Path) -> Hostile:
    files = full_data()
    text = body(accepted(root.with_name(f"{root.name}-tried")))
    _add_copies(files, copy.deepcopy(files), text)
    files["products.yml"]["products"][0]["show_version"] += [template for template in map(template_of, PAYLOADS) if template]
    tried = {(path, leaf): text for path, data in files.items() for leaf, text in leaves(data) if not _FIXED & {leaf[-1], next(step for step in reversed(leaf) if isinstance(step, str))}}
    for number, (path, leaf) in enumerate(tried):
        put(files[path], leaf, payload(number))
    _write(root, files, text)
    for _ in range(25):
        refused = _refused(root, files, set(tried))
        if not refused:
            return Hostile(root, tuple(tried))
        for path, leaf in refused:
            put(files[path], leaf, tried.pop((path, leaf)))
        for path in {path for path, _leaf in refused}:
            (root / path).write_text(written(files[path]), encoding="utf-8")
    raise AssertionError("some fields are refused with what they had")


def _add_copies(files: dict[str, Data], sound: dict[str, Data], text: str) -> None:
    """More records of each kind, each with a translation and all payloads in its text."""
    for kind, (form, fields, _headings) in KINDS.items():
        original = form.format(id=fields["id"])
        for number in range(COPIES):
            name = _IDS[kind].format(number)
            path = form.format(id=name)
            files[path] = copy.deepcopy(sound[original]) | {"id": name, "": text if number == 0 else sound[original][""]}
            for own in ("aliases", "cves", "vulnerabilities"):
                if own in files[path]:
                    del files[path][own]
            if "remediations" in files[path]:
                del files[path]["remediations"][0]["vulnerabilities"]
            files[path.replace(".md", ".ru.md")] = copy.deepcopy(sound[original.replace(".md", ".ru.md")])


def _write(root: Path, files: dict[str, Data], text: str) -> None:
    line = LINE | dict.fromkeys(("body", "problem", "workaround"), text) | {"title": payload(3), "keywords": list(PAYLOADS[:20])}
    write_full_site(root, files)
    (root / "reports" / "list.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    tables = {"entitlements.csv": ENTITLEMENTS, "cases.csv": CASES}
    for name, (header, row) in tables.items():
        rows = [[_cell(column, cell, number) for column, cell in zip(header, row, strict=True)] for number in range(len(PAYLOADS))]
        (root / name).write_text("".join(",".join(f'"{cell}"' for cell in found) + "\n" for found in [header, *[
            [cell.replace('"', '""') for cell in found] for found in rows]]), encoding="utf-8")
    returns = [{column: _cell(column, cell, number) for column, cell in RETURN.items()} for number in range(len(PAYLOADS))]
    (root / "returns.jsonl").write_text("".join(json.dumps(found) + "\n" for found in returns), encoding="utf-8")


def _cell(column: str, cell: str, number: int) -> str:
    """A cell of a private table: a payload, but for what makes rows different from each other and findable."""
    if column in {"serial", "code", "reference"}:
        return f"{cell}{number}"
    if column in {"case", "rma"} and number:
        return f"2026-1103-{number:04}" if column == "case" else f"R{48300 + number}-1"
    return payload(number).replace("\n", " ") if column in _FREE_CELLS else cell


def _refused(root: Path, files: dict[str, Data], tried: set[tuple[str, Leaf]]) -> list[tuple[str, Leaf]]:
    """The tried fields on the lines that findings name; where none is, those of the same part of a file."""
    content = load(root, ("en", "ru"))
    _library, findings = resolve(content, View(AT))
    found: list[tuple[str, Leaf]] = []
    rest: list[tuple[str, Leaf]] = []
    for finding in sorted(set(errors([*content.findings, *findings]))):
        lines = _lines(finding.path, written(files[finding.path]))
        own = {(finding.path, leaf): line for leaf, line in lines if (finding.path, leaf) in tried}
        found += [key for key, line in own.items() if line == finding.line]
        near = [leaf[:2] for leaf, line in lines if line == finding.line]
        rest += [key for key in own if key[1][:2] in near] or own
    return list(dict.fromkeys(found or rest))


@lru_cache(maxsize=200)
def _lines(path: str, text: str) -> list[tuple[Leaf, int]]:
    """The line on which each scalar of a file stands."""
    is_record = path.endswith(".md")
    front = text.split("\n---\n")[0].removeprefix("---\n") if is_record else text
    found: list[tuple[Leaf, int]] = []

    def walk(node: yaml.Node, where: Leaf) -> None:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                walk(value, (*where, name.value))
        elif isinstance(node, yaml.SequenceNode):
            for place, value in enumerate(node.value):
                walk(value, (*where, place))
        else:
            found.append((where, node.start_mark.line + 1 + is_record))

    root = yaml.compose(front, Loader=yaml.CSafeLoader)
    assert root is not None
    walk(root, ())
    return found
