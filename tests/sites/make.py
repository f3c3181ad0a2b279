"""A small valid site with one record of every kind, to be built with changes in a temporary folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "content"

PORTAL = """\
name: Exemplar Support
vendor: Exemplar Networks
url: https://support.example.com/
languages: [en, ru]
audiences: [public, partners]
"""

PRODUCTS = """\
products:
  - id: exos
    name: ExOS
    aliases: [Ex OS]
    scheme: junos
    platforms:
      - {id: ar900, name: AR900 edge routers, aliases: [AR900]}
      - {id: fw60, name: FW60 firewalls}
    components:
      - {id: bgp, name: BGP}
      - {id: chassis, name: Chassis and power}
    trains:
      - {id: "21.4", released: 2021-12-20, end_of_support: 2025-06-20}
    releases:
      - {id: 21.4R1, date: 2021-12-20}
      - {id: 21.4R3-S5, date: 2023-09-14, recommended: true}
  - id: exlinux
    name: Exemplar Linux
    scheme: dotted
    platforms:
      - {id: lx10, name: LX10 switches}
"""

ARTICLE = """\
---
id: KB10001
title: Collect logs of a router
summary: What to collect before you open a case.
status: published
products: [exos]
created: 2026-01-10
updated: 2026-02-10
---
Collect the logs at once.

## Solution

Run the command.
"""

REPORT = """\
---
id: 1700001
title: BGP session flaps after a switchover
status: open
severity: high
component: bgp
affected:
  - product: exos
    ranges: [21.4 before 21.4R3-S5]
    fixed: [21.4R3-S5]
created: 2026-01-11
updated: 2026-02-11
---
## Problem

The session flaps.
"""

ADVISORY = """\
---
id: EXSA-2026-0001
title: A crafted packet stops forwarding
summary: A crafted packet makes the forwarding process restart.
status: final
publish_at: 2026-03-01T16:00:00Z
cves: [CVE-2026-10001]
cvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"]
affected:
  - product: exos
    ranges: [21.4 before 21.4R3-S5]
revisions:
  - {number: "1", date: 2026-03-01T16:00:00Z, text: First publication.}
---
## Problem

Forwarding stops.
"""

NOTICE = """\
---
id: EXSN-2026-0001
title: Counterfeit optics on the market
summary: How to tell genuine optics from counterfeit ones.
status: interim
publish_at: 2026-03-02T16:00:00Z
products: [exos]
revisions:
  - {number: "1", date: 2026-03-02T16:00:00Z, text: First publication.}
---
Look at the label.
"""

BULLETIN = """\
---
id: EXTB-2026-0001
title: New power supplies
summary: From April on routers have other power supplies.
status: published
type: hardware
products: [exos]
created: 2026-01-12
updated: 2026-02-12
---
Nothing needs to be done.
"""

MKDOCS = """\
site_name: Exemplar Support
docs_dir: pages
theme: {name: material}
plugins: []
nav: [{Home: index.md}, {Articles: /kb/}]
validation:
  nav: {absolute_links: ignore}
"""

SITE: Mapping[str, str] = {
    "portal.yml": PORTAL,
    "products.yml": PRODUCTS,
    "mkdocs.yml": MKDOCS,
    "pages/index.md": "# Exemplar Support\n\nWelcome.\n",
    "articles/KB10001.md": ARTICLE,
    "reports/1700001.md": REPORT,
    "advisories/EXSA-2026-0001.md": ADVISORY,
    "notices/EXSN-2026-0001.md": NOTICE,
    "bulletins/EXTB-2026-0001.md": BULLETIN,
}


def make_site(folder: Path, files: Mapping[str, str | bytes | None] = {}) -> Path:
    """Writes the site with some files added or replaced (None: left out) into a folder, and gives the folder."""
    for path, content in {**SITE, **files}.items():
        if content is not None:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def changed(path: str, old: str, new: str) -> dict[str, str]:
    """One file of the site with one change: ``old``, which stands there once, becomes ``new``."""
    text = SITE[path]
    assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
    return {path: text.replace(old, new)}


def with_id(path: str, record_id: str, **fields: str) -> dict[str, str]:
    """A record of the same kind as one of the site under another id; fields are replaced or added as written."""
    front, body = SITE[path].removeprefix("---\n").split("---\n", 1)
    lines = [line for line in front.splitlines() if line.split(":")[0] not in {"id", *fields}]
    added = [f"{name}: {value}" for name, value in fields.items() if value]
    folder = path.rpartition("/")[0]
    return {f"{folder}/{record_id}.md": "\n".join(["---", f"id: {record_id}", *lines, *added, "---", body])}


def example_policy() -> str:
    """The policy of the example portal for sites with other products, audiences and files: without what names one."""
    text = (EXAMPLE / "policy.yml").read_text(encoding="utf-8")
    kept = (line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(("audience:", "pgp_key_file:")) and "register_products" not in line)
    return re.sub(r"(?m)^ +collect:\n(?: +- \{product:.*\n)+", "", "".join(kept))
