"""Changes records of a generated site as an editor would."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

_NEXT = {"open": "fixed", "fixed": "closed", "closed": "open"}
LAST_DAY = "2026-12-31"


def ids(site: Path, folder: str) -> list[str]:
    """Ids of the records of a kind (``reports``, ``articles``, ``advisories``) in order."""
    lines = site / folder / "all.jsonl"
    if lines.exists():
        with lines.open(encoding="utf-8") as file:
            return [_id(line) for line in file]
    return sorted(file.stem for file in (site / folder).glob("*.md"))


def some(found: list[str], count: int, turn: int = 0) -> list[str]:
    """``count`` of the ids, spread evenly; another turn gives others where there are enough."""
    step = max(1, len(found) // count)
    return found[(step // 2 + turn) % step::step][:count]


def edit(site: Path, folder: str, chosen: Collection[str], day: str = "") -> None:
    """Adds a sentence to records and a revision to advisories, gives reports another status, and with ``day`` a new date, which moves them up in all lists."""
    lines = site / folder / "all.jsonl"
    if lines.exists():
        wanted = set(chosen)
        with lines.open(encoding="utf-8") as file:
            written = [_edit_line(line, day) if _id(line) in wanted else line for line in file]
        lines.write_text("".join(written), encoding="utf-8")
        return
    for name in chosen:
        record = site / folder / f"{name}.md"
        record.write_text(_edit_text(record.read_text(encoding="utf-8"), day), encoding="utf-8")


def _id(line: str) -> str:
    return line.split('"', 4)[3]  # the id comes first, see sites.py


def _edit_line(line: str, day: str) -> str:
    fields = json.loads(line)
    fields["status"] = _NEXT[fields["status"]]
    fields["trigger"] += "\n\nThe frobnicator then stops at once."
    if day:
        fields["updated"] = day
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _edit_text(text: str, day: str) -> str:
    head, mark, body = text.partition("\n---\n")
    head = re.sub(r"^status: (open|fixed|closed)$", lambda match: f"status: {_NEXT[match[1]]}", head, flags=re.MULTILINE)
    if day:
        head = re.sub(r"^updated: .*$", f"updated: '{day}'", head, flags=re.MULTILINE)
    if revisions := re.findall(r"^- number: '([0-9]+)'$", head, flags=re.MULTILINE):  # of an advisory
        number = int(revisions[-1]) + 1
        head += f"\n- number: '{number}'\n  date: '{LAST_DAY}T00:{number:02}:00Z'\n  text: Another sentence."
    return f"{head}{mark}{body.rstrip()}\n\nThe frobnicator then stops at once.\n"
