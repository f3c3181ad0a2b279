"""A site that has every field of every file, as data: for tests that put something into each of them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.generator.support import PNG
from tests.sites.make import example_policy

Data = dict[str, Any]
Leaf = tuple[str | int, ...]

PORTAL: Data = {
    "name": "Box Support", "vendor": "Box Networks", "url": "https://support.example.com/", "languages": ["en", "ru"],
    "summary": "All about boxes.", "timezone": "UTC", "audiences": ["public", "partner"], "popular": ["KB10001"],
    "examples": ["the box hums"],
    "csaf": {"category": "vendor", "namespace": "https://support.example.com/", "contact_details": "Write to the desk.",
             "issuing_authority": "The desk.", "list_on_aggregators": "true", "mirror_on_aggregators": "true",
             "disclaimer": "As it is."},
    "feeds": {"hub": "https://hub.example.com/", "records": "all", "archives": "everything"},
    "feedback": {"mail": "feedback@support.example.com"},
    "sealed": {"entitlements": {"source": ["entitlements.csv"], "keys": ["serial"], "iterations": "1000"},
               "cases": {"source": ["cases.csv", "returns.jsonl"], "iterations": "1000"}},
    "translations": {"ru": {"name": "Поддержка", "summary": "Все о ящиках.", "examples": ["ящик гудит"]}},
}
PRODUCTS: Data = {"products": [{
    "id": "exos", "name": "ExOS", "aliases": ["Ex OS"], "vendor": "Others", "scheme": "junos",
    "package": {"ecosystem": "PyPI", "name": "exos-client"}, "summary": "It runs boxes.",
    "show_version": ["Hostname: {name}", "Model: {platform}", "ExOS: {release}", "Serial number: {serial}"],
    "translations": {"ru": {"name": "ЭксОС", "summary": "На нем работают ящики."}},
    "platforms": [{"id": "ar900", "name": "AR900", "aliases": ["AR-900"], "translations": {"ru": {"name": "АР900"}}},
                  {"id": "fw60", "name": "FW60"}],
    "components": [{"id": "bgp", "name": "BGP", "translations": {"ru": {"name": "БГП"}}}],
    "trains": [{"id": "21.4", "released": "2021-12-20", "end_of_engineering": "2024-12-20", "end_of_support": "2027-06-20",
                "announced": "2024-06-03"}],
    "releases": [{"id": "21.4R1", "date": "2021-12-20", "end_of_engineering": "2024-12-20", "end_of_support": "2027-06-20"},
                 {"id": "21.4R3", "date": "2023-09-14", "recommended": "true", "sha256": "0f" * 32,
                  "download": "https://downloads.example.com/exos/21.4R3/"}],
}, {"id": "tool", "name": "Tool", "scheme": "semver", "releases": [{"id": "1.0.0", "date": "2026-01-10"}]}]}
AFFECTED: Data = {"product": "exos", "platforms": ["ar900"], "ranges": ["21.4 before 21.4R3", {"from": "22.1", "before": "22.1R2"}],
                  "fixed": ["21.4R3"], "unaffected": ["20.4"], "introduced": "21.4R1", "default_status": "unaffected"}
TEXT = """\
See [[{other}]], [the log](box.log) and <b>this</b>.

![The button](box.png "Press it")

## {first}

It fails. `code` and *emphasis*:

```sh
show log messages
```

| a | b |
| --- | ---: |
| 1 | 2 |

## {second}

1. Wait.
"""
KINDS: dict[str, tuple[str, Data, tuple[str, str]]] = {
    "article": ("articles/{id}.md", {
        "id": "KB10001", "status": "published", "title": "Restart a box", "summary": "How to restart a box.", "language": "en",
        "audience": "public", "aliases": ["K1"], "keywords": ["restart"], "related": ["KB10002"], "products": ["exos"],
        "platforms": ["ar900"], "releases": ["21.4"], "applies_to": ["Older boxes"], "publish_at": "2026-01-20T00:00:00Z",
        "created": "2026-01-20", "updated": "2026-01-21", "version": "2"}, ("Symptoms", "Solution")),
    "report": ("reports/{id}.md", {
        "id": "100001", "status": "open", "title": "The box hums", "summary": "It hums at night.", "language": "en",
        "audience": "public", "aliases": ["BUG-1"], "keywords": ["hum"], "related": ["KB10002"], "severity": "critical",
        "component": "bgp", "affected": [AFFECTED], "created": "2026-01-22", "updated": "2026-02-10",
        "publish_at": "2026-01-20T00:00:00Z", "history": [{"date": "2026-02-10", "text": "Seen again."}]}, ("Problem", "Workaround")),
    "advisory": ("advisories/{id}.md", {
        "id": "SA-2026-0001", "status": "final", "title": "The box opens to everybody", "summary": "No key is needed.",
        "language": "en", "audience": "public", "aliases": ["OPEN-1"], "keywords": ["open"], "related": ["KB10002"],
        "publish_at": "2026-02-10T16:00:00Z", "tlp": "WHITE", "cves": ["CVE-2026-10001"],
        "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"], "cwe": ["CWE-121"],
        "affected": [AFFECTED | {"ref": "old", "name": "ExOS for labs", "versions": "all but one", "models": ["LX-1"]}],
        "products": ["exos"], "vulnerabilities": [{
            "id": "CVE-2026-10001", "title": "Stack overflow", "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                {"vector": "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "affects": ["old"]}], "cwe": ["CWE-121"],
            "affects": ["old"], "references": [{"title": "Write-up", "url": "https://research.example.org/1", "type": "web"}]}],
        "remediations": [{"category": "vendor_fix", "text": "Install 21.4R3.", "url": "https://downloads.example.com/",
                          "date": "2026-02-10", "affects": ["old"], "vulnerabilities": ["CVE-2026-10001"]}],
        "credits": ["Somebody (finder)"], "references": [{"title": "Write-up", "url": "https://research.example.org/2", "type": "web"}],
        "source": {"name": "Centre", "url": "https://centre.example/", "category": "coordinator", "contact": "desk@centre.example",
                   "terms": "No limits."},
        "revisions": [{"number": "1", "date": "2026-02-10", "text": "First publication."}]}, ("Problem", "Mitigation")),
    "notice": ("notices/{id}.md", {
        "id": "SN-2026-0001", "status": "interim", "title": "Boxes are sold on markets", "summary": "Not all are ours.",
        "audience": "public", "keywords": ["market"], "publish_at": "2026-02-10T16:00:00Z", "products": ["exos"],
        "revisions": [{"number": "1", "date": "2026-02-10", "text": "First publication."}]}, ("Required action", "Notes")),
    "bulletin": ("bulletins/{id}.md", {
        "id": "TB-2026-0001", "status": "published", "type": "hardware", "title": "New screws", "summary": "Other screws.",
        "audience": "public", "keywords": ["screw"], "products": ["exos"], "platforms": ["ar900"], "created": "2026-02-01",
        "updated": "2026-02-01"}, ("Impact", "Cause")),
}
TRANSLATION: Data = {"title": "По-русски", "summary": "Кратко.", "keywords": ["слово"]}
RETIRED: Data = {"id": "KB10002", "status": "retired", "title": "Older", "summary": "Older.", "replaced_by": "KB10001",
                 "products": ["tool"], "created": "2026-01-20", "updated": "2026-01-21"}
DUPLICATE: Data = {"id": "100002", "status": "duplicate", "duplicate_of": "100001", "title": "It hums too",
                   "affected": [{"product": "tool", "ranges": ["< 2".replace("< 2", "all before 2.0.0")]}], "created": "2026-01-22",
                   "updated": "2026-02-10"}
SUPERSEDED: Data = {"id": "SA-2026-0002", "status": "superseded", "superseded_by": "SA-2026-0001", "title": "Older", "summary": "Older.",
                    "publish_at": "2026-02-10T16:00:00Z", "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"],
                    "affected": [{"product": "tool"}], "revisions": [{"number": "1", "date": "2026-02-10", "text": "First."}]}
LINE: Data = {"id": "200001", "status": "fixed", "title": "From a list", "body": "It **fails**.", "problem": "It fails.",
              "workaround": "None.", "affected": [{"product": "tool", "ranges": ["all before 1.0.0"], "fixed": ["1.0.0"]}],
              "created": "2026-01-22", "updated": "2026-02-10"}
REDIRECTS: Data = {"/old/first.html": "KB10001", "/gone": "/kb/"}
SYNONYMS: Data = {"same": [["restart", "reboot"]], "also": {"box": ["router", "switch"]}}
KEY = "secret: " + "5a" * 32 + "\n"
ENTITLEMENTS = [
    ["serial", "contract", "product", "plan", "replacement", "support_start", "support_end", "shipped", "resold", "registered"],
    ["BX-7K4Q-0001", "CN-2026-4711", "exos", "", "", "2026-01-01", "2026-12-31", "2025-11-02", "2025-12-01", "true"]]
CASES = [["case", "code", "reference", "status", "site", "site_id", "contact", "modified", "platform", "priority"],
         ["2026-1102-0007", "K7QX-M29D", "NET 44", "open", "Harbour office", "S-1", "Desk", "2026-11-20T11:15:00+03:00", "ar900", "high"]]
RETURN: Data = {"rma": "R48211-1", "code": "K7QX-M29D", "status": "open", "part": "PSU", "serial": "PS-1", "case": "2026-1102-0007",
                "issued": "2026-11-03T10:00:00Z"}
MKDOCS = """\
site_name: Box Support
docs_dir: pages
theme: {name: material, features: [navigation.tabs, content.code.copy]}
plugins: []
markdown_extensions: [tables, attr_list]
nav: [{Home: index.md}, {Articles: /kb/}, {Help: help/index.md}]
validation:
  nav: {absolute_links: ignore}
  links: {absolute_links: ignore}
"""


def full_data() -> dict[str, Data]:
    """The YAML files by path, each as its data; records have their text under ``""``."""
    files: dict[str, Data] = {"portal.yml": PORTAL, "products.yml": PRODUCTS, "redirects.yml": REDIRECTS, "synonyms.yml": SYNONYMS,
                              "policy.yml": _policy()}
    for form, fields, (first, second) in KINDS.values():
        path = form.format(id=fields["id"])
        files[path] = fields | {"": TEXT.format(other="KB10002", first=first, second=second)}
        files[path.replace(".md", ".ru.md")] = TRANSLATION | {"": "## Решение\n\nЖдите.\n"}
    for path, fields in (("articles/KB10002.md", RETIRED), ("reports/100002.md", DUPLICATE), ("advisories/SA-2026-0002.md", SUPERSEDED)):
        files[path] = fields | {"": "Older.\n"}
    return copy.deepcopy(files)


def _policy() -> Data:
    """The policy of the example portal, with an audience and a key of this site."""
    policy: Data = yaml.load(example_policy(), Loader=yaml.BaseLoader)
    policy["accounts"]["types"][0]["audience"] = "partner"
    policy["security"] |= {"pgp_key": "https://support.example.com/key.asc", "fingerprint": "0f5a" * 10}
    return policy


def leaves(data: object, where: Leaf = ()) -> Iterator[tuple[Leaf, str]]:
    """Every scalar with the way to it, in the order in which it is written."""
    if isinstance(data, dict):
        for name, item in data.items():
            if name != "":
                yield from leaves(item, (*where, name))
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from leaves(item, (*where, place))
    else:
        yield where, str(data)


def put(data: Data, leaf: Leaf, text: str) -> None:
    """Replaces one scalar."""
    inner: Any = data
    for step in leaf[:-1]:
        inner = inner[step]
    inner[leaf[-1]] = text


def written(data: Mapping[str, Any]) -> str:
    """The text of a file, each scalar on a line of its own."""
    fields = {name: item for name, item in data.items() if name != ""}
    text = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100_000, default_flow_style=False)
    return f"---\n{text}---\n{data['']}" if "" in data else text


def write_full_site(root: Path, files: Mapping[str, Data] | None = None, **others: str) -> Path:
    """Writes the site, with what else a site may hold; ``others`` are texts by path with ``__`` for a slash."""
    texts = {path: written(data) for path, data in (files or full_data()).items()}
    texts |= {"seal.key": KEY, "mkdocs.yml": MKDOCS, "pages/index.md": "# Box Support\n\nWelcome.\n",
              "pages/help/index.md": "# Help\n\nSee [an article](/kb/KB10001/).\n", "reports/list.jsonl": _json(LINE),
              "entitlements.csv": _csv(ENTITLEMENTS), "cases.csv": _csv(CASES), "returns.jsonl": _json(RETURN)}
    texts |= {f"{folder}/box.log": "box[1]: restarted\n" for folder in ("articles", "reports", "advisories", "notices", "bulletins")}
    for path, text in (texts | others).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for folder in ("articles", "reports", "advisories", "notices", "bulletins"):
        (root / folder / "box.png").write_bytes(PNG)
    return root


def _json(data: Data) -> str:
    import json

    return json.dumps(data, ensure_ascii=False) + "\n"


def _csv(rows: list[list[str]]) -> str:
    return "".join(",".join('"' + cell.replace('"', '""') + '"' if re.search('[",]', cell) else cell for cell in row) + "\n" for row in rows)
