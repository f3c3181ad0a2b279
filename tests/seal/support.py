"""A small site with private tables."""

from __future__ import annotations

import os
import time
from pathlib import Path

from generator.build import build
from generator.building import BuildFailed, Options, Summary
from tests.generator.support import AT, SITE, write, write_site

KEY = "secret: " + "5a" * 32 + "\n"
POLICY = """\
calendars: [{id: always, name: Always, zone: UTC, hours: mon-sun 00:00-24:00}]
regions: [{id: all, name: Everywhere, calendar: always}]
channels: [{kind: web, name: Web, opens: true}]
levels: [{id: high, name: High, definition: It is down., channels: [web]}, {id: low, name: Low, definition: It is up., channels: [web]}]
times: [{level: high, response: 1 hour}, {level: low, response: 1 day}]
contacts: [{id: desk, name: Desk, role: support, calendar: always, email: desk@support.example.com}]
numbers:
  - {id: case, name: Case number, pattern: YYYY-MMDD-NNNN, examples: [2008-0101-0123]}
  - {id: rma, name: RMA number, pattern: RNNNNN, examples: [R12345]}
  - {id: rma-item, name: RMA line, pattern: RNNNNN-n, examples: [R12345-1]}
service:
  plans: [{id: base, name: Base}]
  features: [{id: web, name: Web, plans: {base: included}}]
  replacement:
    plan: base
    variants: [{id: next-day, name: Next day}]
    services: [{id: ship, name: Ships, variants: [next-day]}]
"""
ENTITLEMENTS = "sealed:\n  entitlements: {source: entitlements.csv, iterations: 1000}\n"
BOTH = ENTITLEMENTS + "  cases: {source: [cases.csv, returns.jsonl], iterations: 1000}\n"
HEADER = "serial,contract,product,plan,replacement,support_start,support_end,shipped,resold,registered\n"
ROW = "BX-7K4Q-0001,CN-2026-4711,box,base,next-day,2026-01-01,2026-12-31,2025-11-02,2025-12-01,true\n"
CASES = """\
case,code,reference,status,site,site_id,contact,modified,platform,priority
2026-1102-0007,K7QX-M29D,NET 44,open,Harbour office,S-1,Desk,2026-11-20T11:15:00+03:00,bx1,high
2026-0914-0112,K7QX-M29D,NET 44,closed,Harbour office,S-1,Desk,2026-09-30T16:20:00Z,bx1,low
"""
RETURNS = ('{"rma": "R48211-1", "code": "K7QX-M29D", "status": "open", "part": "PSU", "serial": "PS-1", "case": "2026-1102-0007", '
           '"issued": "2026-11-03T10:00:00Z"}\n'
           '{"rma": "R48211-2", "code": "K7QX-M29D", "status": "open", "part": "FAN", "issued": "2026-11-03T10:00:00Z"}\n')


def private_site(root: Path, settings: str = ENTITLEMENTS, **tables: str) -> Path:
    """The small site with private tables, of which ``entitlements`` (CSV) has one row unless it is given."""
    texts = {"entitlements": HEADER + ROW, "cases": CASES, "returns": RETURNS} | tables
    write_site(root, {"portal.yml": SITE["portal.yml"] + settings, "policy.yml": POLICY, "seal.key": KEY})
    save(root, "entitlements.csv", texts["entitlements"])
    save(root, "cases.csv", texts["cases"])
    save(root, "returns.jsonl", texts["returns"])
    return root


def save(root: Path, path: str, text: str, age: float = 60) -> None:
    """Writes a source that was last changed some seconds ago; the time of its last change of any kind stays now."""
    write(root, path, text)
    then = time.time() - age
    os.utime(root / path, (then, then))


def serials(count: int) -> list[str]:
    """Serial numbers that no page holds by chance."""
    return [f"QX{number * 7919 % 99991:05}VJ" for number in range(1, count + 1)]


def rows(count: int) -> str:
    return HEADER + "".join(f"{serial},ZK{number:05}-WQ,box,base,next-day,2026-01-01,2026-12-31,,,\n"
                            for number, serial in enumerate(serials(count)))


def options_for(root: Path, **changes: object) -> Options:
    folder = root.parent
    return Options(root, folder / "out", AT, cache=folder / "cache", **changes)  # type: ignore[arg-type]


def built(root: Path, **changes: object) -> Summary:
    options = options_for(root, **changes)
    if options.cache:
        options.cache.mkdir(exist_ok=True)
    try:
        return build(options)
    except BuildFailed as failed:
        failed.add_note("\n".join(map(str, failed.findings)))
        raise
