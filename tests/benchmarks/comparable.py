"""Holds that two generators did the same work: a page for each record, and on a sample of the pages the same values of the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from lxml import html

from tests.benchmarks.edits import ids, some
from tests.benchmarks.peers import SECTIONS

SAMPLE = 40  # records of each kind


class NotComparable(Exception):
    """A tree lacks pages or values; the text names them."""


def check_pages(site: Path, trees: Mapping[str, Path]) -> int:
    """Number of records of a site, each of which has a page in every tree (by name of its generator); else ``NotComparable``."""
    pages = [f"{section}/{name}/index.html" for folder, section in SECTIONS.items() for name in ids(site, folder)]
    for generator, tree in trees.items():
        missing = [page for page in pages if not (tree / page).is_file()]
        if missing:
            raise NotComparable(f"{generator} made {len(pages) - len(missing):,} of {len(pages):,} record pages; {missing[0]} is missing")
        found = sum(1 for section in SECTIONS.values() for page in (tree / section).glob("*[0-9]/index.html"))
        if found != len(pages):
            raise NotComparable(f"{generator} made {found:,} record pages of {len(pages):,} records")
    return len(pages)


def check_values(site: Path, trees: Mapping[str, Path], sample: int = SAMPLE) -> int:
    """Number of values of a site of Markdown files that were looked for, and found, on pages of every tree; else ``NotComparable``."""
    names = _names(site)
    count = 0
    for folder, section in SECTIONS.items():
        for name in some(ids(site, folder), sample):
            texts, links = list(_texts(site, folder, name, names)), list(_links(site, folder, name))
            for generator, tree in trees.items():
                page = tree / section / name / "index.html"
                missing = _missing(page.read_bytes(), texts, links)
                if missing:
                    raise NotComparable(f"{generator}: {page} lacks {', '.join(map(repr, missing[:5]))}")
            count += len(texts) + len(links)
    return count


def _missing(page: bytes, texts: Sequence[str], links: Sequence[str]) -> list[str]:
    document = html.document_fromstring(page.decode("utf-8"))
    article = document.find(".//article")
    if article is None:
        return ["an article"]
    said = _squeezed(" ".join(str(piece) for piece in article.itertext()))
    led = [link for element in document.iter("a", "link") if (link := element.get("href"))]
    missing = [text for text in texts if _squeezed(text) not in said]
    missing += [link for link in links if not any(one.endswith(link) for one in led)]
    head = {"a description": ".//meta[@name='description']", "JSON-LD": ".//script[@type='application/ld+json']"}
    return missing + [name for name, path in head.items() if document.find(path) is None]


def _texts(site: Path, folder: str, name: str, names: Mapping[str, str]) -> Iterator[str]:
    """What a page must say of a record: its fields as they are shown, the lines of its sections."""
    fields, body = _record(site, folder, name)
    yield from (fields[key] for key in ("id", "title", "summary", "severity", "status") if key in fields)
    yield from (_day(fields[key]) for key in ("created", "publish_at") if key in fields)
    if fields.get("updated") != fields.get("created"):
        yield _day(fields["updated"])  # not shown where it is the same day
    yield from (names[key] for key in (*fields.get("products", ()), fields.get("component")) if key)
    for item in fields.get("affected", ()):
        yield from (names[key] for key in (item["product"], *item["platforms"]))
        yield from item["ranges"]
        yield from item["fixed"]
    for item in (*fields.get("history", ()), *fields.get("revisions", ())):
        yield from item.values()
    for key in ("keywords", "cves", "cvss", "cwe"):
        yield from fields.get(key, ())
    for related in _related(fields, body):
        yield from (related, _record(site, "reports", related)[0]["title"])
    yield from _lines(body)


def _links(site: Path, folder: str, name: str) -> Iterator[str]:
    fields, body = _record(site, folder, name)
    yield f"{SECTIONS[folder]}/{name}/"  # the canonical address
    yield from (f"releases/{item['product']}/{fix}/" for item in fields.get("affected", ()) for fix in item["fixed"])
    yield from (f"pr/{related}/" for related in _related(fields, body))


def _related(fields: Mapping[str, Any], body: str) -> list[str]:
    return [*fields.get("related", ()), *re.findall(r"\[\[([^\]|]+)\]\]", body)]


def _lines(body: str) -> Iterator[str]:
    for line in body.splitlines():
        if line.strip() and not line.startswith("```") and "[[" not in line:
            yield re.sub(r"^(#+|-|\d+\.) ", "", line).replace("`", "").replace("**", "")


def _record(site: Path, folder: str, name: str) -> tuple[dict[str, Any], str]:
    head, _, body = (site / folder / f"{name}.md").read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    fields = yaml.safe_load(head)
    assert isinstance(fields, dict)
    return fields, body


def _names(site: Path) -> dict[str, str]:
    """Names of products, platforms and components by their ids."""
    found = {}
    for product in yaml.safe_load((site / "products.yml").read_text(encoding="utf-8"))["products"]:
        for item in (product, *product["platforms"], *product["components"]):
            found[item["id"]] = item["name"]
    return found


def _day(value: str) -> str:
    day = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return f"{day.day} {day:%B %Y}"


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()
