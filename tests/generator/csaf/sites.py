"""Bulletins for the small site of ``tests.generator.support``."""

from __future__ import annotations

GREEN = """\
---
id: SA-2025-0002
status: interim
title: The box leaks
summary: Some water comes out.
language: en
publish_at: 2025-12-31T23:30:00Z
tlp: GREEN
aliases: [Leaky Box]
cves: [CVE-2025-990001, CVE-2025-990002]
cvss:
  - CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N/E:P
  - CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N
  - CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L
cwe: [CWE-416, CWE-617]
affected:
  - {product: box, platforms: [bx1], ranges: [1.0 before 1.0.1], fixed: [1.0.1]}
credits: [Somebody who asked to stay unnamed]
references: [{title: Drops, url: "https://example.org/пример?a=b"}]
revisions:
  - {number: "1", date: 2025-12-31, text: First publication.}
  - {number: "4", date: 2026-01-04, text: "More of [[SA-2026-0001]] and [[KB99999]]."}
---

It leaks. See [[KB99999]] or [this one](KB99999), and [[SA-2026-0001]].

## Problem

Water.

## Workaround

Use a **bucket**:

```sh
bucket --below box
```

## Exploitation

None is known.

## Impact

Wet feet.

## Own words

Nothing more.
"""

HIDDEN = """\
---
id: KB99999
status: draft
title: Secret plans
summary: Not yet.
products: [box]
created: 2026-01-20
updated: 2026-02-21
---

Secret.
"""

SUPERSEDED = """\
---
id: SA-2026-0003
status: superseded
superseded_by: SA-2026-0001
title: The box opens on Sundays
summary: An earlier account.
publish_at: 2026-02-01T16:00:00Z
cvss: ["CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L"]
affected:
  - {product: box}
revisions:
  - {number: "1.0", date: 2026-02-01, text: First publication.}
  - {number: "1.1", date: 2026-02-10, text: Superseded.}
---

It opens.
"""

BULLETINS: dict[str, str | None] = {
    "advisories/SA-2025-0002.md": GREEN, "advisories/SA-2026-0003.md": SUPERSEDED, "articles/KB99999.md": HIDDEN}
