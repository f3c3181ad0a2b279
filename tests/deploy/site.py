"""A site with records for three audiences, built as one tree each, where a web server looks for them."""

from __future__ import annotations

from pathlib import Path

from tests.generator.support import PNG, SITE, build_site, edit, write, write_site

AUDIENCES = ("public", "customer", "partner")
SECRETS = {"customer": "qzcustomer", "partner": "qzpartner"}  # stand in every record of an audience
_ARTICLE = """\
---
id: {id}
status: published
title: About {word}
summary: All of {word}.
audience: {audience}
products: [box]
created: 2026-01-20
updated: 2026-02-21
---

## Solution

Read [the log]({word}.log) of {word}.

![{word}]({word}.png)
"""
_ADVISORY = """\
---
id: {id}
status: final
title: Danger in {word}
summary: Beware of {word}.
audience: {audience}
tlp: AMBER
cves: [CVE-2026-{number}]
cvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"]
affected:
  - {{product: box, platforms: [bx1], ranges: [1.0 before 1.0.1], fixed: [1.0.1]}}
publish_at: 2026-03-01T00:00:00Z
revisions: [{{number: "1", date: 2026-03-01, text: First}}]
---

## Problem

It tells of {word}.

## Solution

Hide {word}.
"""


def write_audiences(root: Path) -> Path:
    """The small site of the tests with an article, its files and an advisory for each closed audience."""
    write_site(root)
    edit(root, "portal.yml", "[public, partner, internal]", f"[{', '.join(AUDIENCES)}]")
    for number, (audience, word) in enumerate(SECRETS.items(), 2):
        write(root, f"articles/KB{number}0001.md", _ARTICLE.format(id=f"KB{number}0001", word=word, audience=audience))
        write(root, f"articles/{word}.log", f"{word}: seen\n")
        (root / "articles" / f"{word}.png").write_bytes(PNG + word.encode())
        write(root, f"advisories/SA-2026-{number}001.md",
              _ADVISORY.format(id=f"SA-2026-{number}001", word=word, audience=audience, number=f"1{number}001"))
    write(root, "redirects.yml", SITE["redirects.yml"] + f"/old/{SECRETS['customer']}.html: KB20001\n")
    return root


def publish(root: Path, folder: Path) -> None:
    """Builds ``folder/versions/1/AUDIENCE`` for each audience, and ``folder/current`` that leads to the version."""
    for audience in AUDIENCES:
        build_site(root, folder / "versions" / "1" / audience, audience=audience)
    (folder / "current").symlink_to("versions/1")


def files_of(tree: Path) -> list[str]:
    """Paths of all files that visitors are meant to see, below the tree's root: neither old addresses, which servers redirect, nor
    what is meant for servers."""
    paths = (path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in paths if not path.startswith(("old/", "gone/", "headers/", "redirects/", "_headers")))


def addresses_of(tree: Path) -> dict[str, Path]:
    """Every address of a tree and the file it stands for: each file, and each folder of a page."""
    found = {f"/{path}": tree / path for path in files_of(tree)}
    found |= {address.removesuffix("index.html"): file for address, file in found.items() if address.endswith("/index.html")}
    return found
