"""What only security bulletins have: vectors with computed scores, weaknesses, revisions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from cvss import CVSS3, CVSS4
from cvss.exceptions import CVSSError

from kb.cwe import parse_cwe as parse_cwe
from kb.fields import Fields, Wrong, parse_line, parse_moment, parse_url, pattern
from kb.findings import shorten
from kb.records import (
    Event,
    Reference,
    Remediation,
    Score,
    Severity,
    Source,
    Vulnerability,
    VulnerabilityScore,
)

REFERENCE_TYPES: Final = ("self", "advisory", "article", "detection", "discussion", "report", "fix", "introduced", "git",
                          "package", "evidence", "web")
"""``self`` and, in lower case, the types of OSV."""

REMEDIATION_CATEGORIES: Final = ("vendor_fix", "workaround", "mitigation", "no_fix_planned", "none_available")
PUBLISHER_CATEGORIES: Final = ("coordinator", "discoverer", "other", "translator", "user", "vendor")

_parse_cve_form = pattern(r"CVE-\d{4}-\d{4,12}", "CVE id", "write CVE-2026-12345")
parse_vulnerability_id = pattern(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}", "id of a vulnerability",
                                 "write its CVE id, or a name without spaces")
parse_revision = pattern(r"\d{1,4}(\.\d{1,4}){0,2}", "revision number", "write 1, 2 or 1.0, 1.1")


_FARTHEST_WEST = timedelta(hours=12)  # where a day ends last


def cve_parser(last: int) -> Callable[[str], str]:
    """A parser of CVE ids of the years that there can be: from 1999, where the list begins, to ``last``; raises Wrong."""

    def parse(text: str) -> str:
        year = int(_parse_cve_form(text)[4:8])
        if year < 1999:
            raise Wrong("is from before 1999, when CVE ids began", "correct the year")
        if year > last:
            raise Wrong(f"is later than this bulletin, which ends in {last - 1}",
                        "correct the year, or the dates of the bulletin")
        return text

    return parse


parse_cve = cve_parser(9999)


def _severity(score: Decimal) -> Severity:
    """Qualitative rating (CVSS 3.1 section 5, the same in CVSS 4.0 section 6)."""
    bounds: tuple[tuple[str, Severity], ...] = (("9.0", "critical"), ("7.0", "high"), ("4.0", "medium"), ("0.1", "low"))
    return next((name for least, name in bounds if score >= Decimal(least)), "none")


def parse_vector(text: str) -> Score:
    """A CVSS 3.0, 3.1 or 4.0 vector with its base score (4.0: base, threat and environmental); raises Wrong."""
    version = text[5:8] if text.startswith(("CVSS:3.0/", "CVSS:3.1/", "CVSS:4.0/")) else ""
    if not version:
        raise Wrong("is no CVSS 3.0, 3.1 or 4.0 vector", "write CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H")
    try:
        score = CVSS4(text).base_score if version == "4.0" else CVSS3(text).scores()[0]
    except (CVSSError, ValueError, KeyError) as error:
        raise Wrong(f"is no valid CVSS vector ({shorten(str(error), 120)})", "compute it anew with a CVSS calculator") from None
    value = Decimal(str(score))
    return Score(text, version, float(value), _severity(value))


def parse_link(text: str) -> str:
    """A web address, or one for mail or of an FTP server as old advisories have; raises Wrong."""
    if not re.fullmatch(r"mailto:[^\s<>\"\\^`{|}@]+@[^\s<>\"\\^`{|}@]+", text):
        parse_url(re.sub(r"^ftp(?=://)", "https", text))
    return text


def parse_references(fields: Fields) -> tuple[Reference, ...]:
    found = []
    for item in fields.mappings("references"):
        title, url = item.text("title"), item.one("url", parse_link, required=True)
        kind = item.choice("type", REFERENCE_TYPES)
        item.finish()
        if url:
            found.append(Reference(title or url, url, kind))
    return tuple(found)


def parse_vulnerabilities(fields: Fields, refs: Collection[str]) -> tuple[Vulnerability, ...]:
    """The vulnerabilities one by one; ``refs`` are the names of the entries of ``affected``."""
    found: dict[str, Vulnerability] = {}
    for item in fields.mappings("vulnerabilities"):
        name = item.one("id", parse_vulnerability_id, required=True) or ""
        if name in found:
            item.wrong("id", "is given twice", "keep one", name)
        found[name] = Vulnerability(name, item.text("title"), _scores(item, refs), item.many("cwe", parse_cwe),
                                    _named(item, "affects", refs), parse_references(item))
        item.finish()
    return tuple(found.values())


def _scores(fields: Fields, refs: Collection[str]) -> tuple[VulnerabilityScore, ...]:
    """Vectors, or mappings of a vector and the entries that it is for."""
    found = []
    for value in fields.values("cvss"):
        if isinstance(value.data, dict):
            item = fields.inner("cvss", value)
            score, affects = item.one("vector", parse_vector, required=True), _named(item, "affects", refs)
            item.finish()
            found += [VulnerabilityScore(score, affects)] if score else []
        else:
            score = fields.parse("cvss", value, parse_vector)
            found += [VulnerabilityScore(score)] if score else []
    return tuple(found)


def parse_remediations(fields: Fields, refs: Collection[str], vulnerabilities: Collection[str]) -> tuple[Remediation, ...]:
    found = []
    for item in fields.mappings("remediations"):
        found.append(Remediation(
            item.choice("category", REMEDIATION_CATEGORIES, required=True), item.block("text", required=True),
            item.one("url", parse_link) or "", item.one("date", parse_moment), _named(item, "affects", refs),
            _named(item, "vulnerabilities", vulnerabilities)))
        item.finish()
    return tuple(found)


def _named(fields: Fields, name: str, known: Collection[str]) -> tuple[str, ...]:
    """Names of things that the record has."""

    def parse(text: str) -> str:
        if text in known:
            return text
        raise Wrong("names nothing in this record", f"write one of {', '.join(known)}" if known else "name it there first")

    return tuple(dict.fromkeys(fields.many(name, parse)))


def parse_source(fields: Fields) -> Source | None:
    item = fields.mapping("source")
    if item is None:
        return None
    source = Source(item.text("name", required=True), item.one("url", parse_url) or "",
                    item.choice("category", PUBLISHER_CATEGORIES), item.text("contact"), item.text("terms"))
    item.finish()
    return source


def parse_history(fields: Fields, name: str, numbered: bool, required: bool = False,
                  since: datetime | None = None) -> tuple[Event, ...]:
    """A history, oldest first; revision numbers only grow and dates do not go back. None is before the day of ``since``, by
    whatever clock that day was read."""
    found: list[Event] = []
    start = (since - _FARTHEST_WEST).date() if since else None
    for item in fields.mappings(name, required):
        number = item.one("number", parse_revision, required=True) if numbered else ""
        day, text = item.one("date", parse_moment, required=True), item.one("text", parse_line, required=True)
        item.finish()
        if number is None or day is None or text is None:
            continue
        if found and day < found[-1].date:
            item.wrong("date", f"is before the entry above ({found[-1].date:%Y-%m-%d})", "order entries from old to new",
                       f"{day:%Y-%m-%d}")
        if not found and start and day.date() < start:
            item.wrong("date", f"is before the first publication ({since:%Y-%m-%d})", "write the day of publication, or correct "
                       "publish_at", f"{day:%Y-%m-%d}")
        if found and numbered and revision_key(number) <= revision_key(found[-1].number):
            item.wrong("number", f"does not follow {found[-1].number}", "numbers only grow", number)
        found.append(Event(day, text, number))
    return tuple(found)


def revision_key(number: str) -> tuple[int, ...]:
    """The order of revision numbers; ``1.2`` and ``1.2.0`` count as the same."""
    parts = [int(part) for part in number.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))
