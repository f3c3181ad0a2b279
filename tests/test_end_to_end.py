"""From real exports to a portal: everything in ../shared/data that has an importer, imported, built and walked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from generator.build import Options, build
from generator.i18n import ui_languages
from generator.scaffold import init_site
from kb.importers import run_import
from kb.library import View
from kb.load import load
from kb.resolve import resolve

pytestmark = [pytest.mark.slow]

SOURCES = (("cve", "juniper-cve"), ("kcs", "kcs-articles"), ("known-issues", "vtex-known-issues"),
           ("known-issues", "cumulus-issues/issues.jsonl"))
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def portal(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(site, tree) with all real records in it."""
    folder = tmp_path_factory.mktemp("real")
    site, out = folder / "site", folder / "out"
    init_site(site)
    for form, source in SOURCES:
        report = run_import(form, shared_data / source, site)
        assert report.rejected == 0 and report.written > 40
    build(Options(site, out, AT, jobs=2))
    return site, out


def test_every_record_has_its_page(portal: tuple[Path, Path]) -> None:
    site, out = portal
    library, findings = resolve(load(site, ui_languages()), View(AT))
    assert library is not None, findings
    kinds = Counter(record.kind for record in library.records.values())
    assert kinds["advisory"] >= 81 and kinds["article"] >= 577 and kinds["report"] >= 83 + 440 + 44
    for record in library.records.values():
        page = LexborHTMLParser((out / record.path / "index.html").read_bytes())
        heading, named = page.css_first("h1"), page.css_first("#record-id")
        assert heading and named and named.text().strip() == record.id
        assert " ".join(heading.text().split()) == " ".join(record.text.title.split())
        for text in record.texts[1:]:
            assert (out / text.language / record.path / "index.html").is_file()


def test_every_link_and_fragment_resolves(portal: tuple[Path, Path]) -> None:
    _site, out = portal
    ids: dict[str, set[str]] = {}
    wanted: dict[tuple[str, str], str] = {}
    for file in sorted(out.rglob("*.html")):
        path = file.relative_to(out).as_posix()
        page = LexborHTMLParser(file.read_bytes())
        ids[path] = {node.attributes["id"] or "" for node in page.css("[id]")}
        here = f"https://support.example.com/{path}"
        for node in page.css("[href], [src]"):
            address = node.attributes.get("href") or node.attributes.get("src") or ""
            target = urlsplit(urljoin(here, address))
            if target.netloc == "support.example.com" and target.scheme == "https":
                name = unquote(target.path).lstrip("/")
                name = f"{name}index.html" if name.endswith("/") or not name else name
                wanted.setdefault((name, unquote(target.fragment)), path)
    assert len(ids) > 2000
    missing = [f"{source} -> {name}" for (name, _fragment), source in wanted.items() if not (out / name).is_file()]
    dangling = [f"{source} -> {name}#{fragment}" for (name, fragment), source in wanted.items()
                if fragment and name in ids and fragment not in ids[name] and not fragment.startswith("__")]
    assert not missing[:10] and not dangling[:10]


def test_no_two_files_claim_one_address(portal: tuple[Path, Path]) -> None:
    _site, out = portal
    names = Counter(path.relative_to(out).as_posix().casefold() for path in out.rglob("*") if path.is_file())
    assert [name for name, count in names.items() if count > 1] == []
