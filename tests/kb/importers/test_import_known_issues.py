"""Known issues: Markdown in several languages, and lists in JSON Lines."""

import json
import os
from typing import Any

from kb.records import Report

ISSUE = """\
---
title: 'The ''total'' is wrong'
id: {id}
status: PUBLISHED
createdAt: 2022-03-10T20:07:05.251Z
updatedAt: 2022-11-25T22:09:24.900Z
contentType: knownIssue
productTeam: Payments
author: 2mXZkbi0oi061KicTExNjo
tag: Checkout,My Orders
locale: {locale}
kiStatus: {status}
internalReference: {number}
---

## {summary}


When paying, the total is <wrong>. More.

## Simulation

1. Pay
![](https://example.com/p.png) and [read](/en/tutorial)

##

## Workaround

{workaround}
"""


def issue(id: str = "abc1", locale: str = "en", status: str = "Backlog", number: str = "540257", summary: str = "Summary",
          workaround: str = "N/A") -> str:
    return ISSUE.format(id=id, locale=locale, status=status, number=number, summary=summary, workaround=workaround)


def test_an_issue_with_a_translation(source: Any, records: Any) -> None:
    source.write("en/abc1.md", issue())
    source.write("es/abc1.md", issue(locale="es", summary="Sumario", workaround="Reiniciar."))
    assert source.run("known-issues", product="Shop").findings == ()
    assert source.read("reports/540257.md") == """\
---
id: 540257
title: The 'total' is wrong
summary: When paying, the total is <wrong>.
aliases: [abc1]
keywords: [My Orders, Payments]
status: open
component: checkout
affected:
  - product: shop
created: 2022-03-10
updated: 2022-11-25
---
## Problem

When paying, the total is \\<wrong>. More.

## Trigger

1. Pay
[Picture](https://example.com/p.png) and read
"""
    report = records()["540257"]
    assert [text.language for text in report.texts] == ["en", "es"]
    assert report.texts[1].section("workaround").markdown == "Reiniciar."
    assert "[Imagen](https://example.com/p.png)" in report.texts[1].section("trigger").markdown


def test_an_issue_that_is_only_in_another_language(source: Any, records: Any) -> None:
    source.write("es/abc1.md", issue(locale="es"))
    source.write("pt/abc1.md", issue(locale="pt"))
    source.write("pt/abc2.md", issue("abc2", "pt", number="7"))
    source.run("known-issues")
    found = records()
    assert [text.language for text in found["540257"].texts] == ["es", "pt"]
    assert [text.language for text in found["7"].texts] == ["pt"]


def test_statuses(source: Any, records: Any) -> None:
    for number, status in enumerate(("Backlog", "Scheduled", "Fixed", "No Fix", "Closed", "Elsewhere"), 1):
        source.write(f"en/i{number}.md", issue(f"i{number}", status=status, number=str(number)))
    report = source.run("known-issues")
    assert [records()[str(number)].status for number in range(1, 7)] == ["open", "open", "fixed", "closed", "closed", "open"]
    assert source.messages(report, "note") == [
        "en/i6.md:12: kiStatus: 'Elsewhere' is no known status, so it counts as open; use one of open, backlog, scheduled, "
        "in progress, new, fixed, resolved, no fix, won't fix, closed"]


def test_numbers_that_cannot_serve_are_derived(source: Any, records: Any, tree: Any) -> None:
    for name, number in (("a1", "null"), ("a2", "0"), ("a3", "Zendesk Ticket"), ("a4", "77"), ("a5", "77")):
        source.write(f"en/{name}.md", issue(name, number=number))
    source.run("known-issues")
    found = {record.aliases[0]: number for number, record in records().items()}
    assert found["a4"] == "77"
    assert {len(found[name]) for name in ("a1", "a2", "a3", "a5")} == {9}
    before = tree()
    assert source.run("known-issues").written == 0
    (source.site / ".waypost" / "imports.json").unlink()
    assert source.run("known-issues").written == 0
    assert tree() == before


def test_a_number_is_kept_for_ever(source: Any, records: Any) -> None:
    source.write("en/a1.md", issue("a1", number="null"))
    source.run("known-issues")
    (number,) = records()
    source.write("en/a1.md", issue("a1", number="540257"))
    source.run("known-issues")
    assert list(records()) == [number] and records()[number].aliases == ("a1", "540257")


def test_a_translation_that_says_nothing_is_left_out(source: Any, records: Any) -> None:
    source.write("en/abc1.md", issue())
    source.write("es/abc1.md", issue(locale="es").split("## Summary")[0]
                 + "## Sumario\n\n>⚠️ Este contenido sólo está disponible en Inglés.\n\n## Simulación\n")
    report = source.run("known-issues")
    assert source.messages(report, "note") == [
        "es/abc1.md:15: body: says only that it is not translated, so it is left out; nothing needs to be done"]
    assert len(records()["540257"].texts) == 1


def test_two_files_for_one_language(source: Any) -> None:
    source.write("en/abc1.md", issue())
    source.write("en/more/abc1.md", issue())
    source.write("en/abc2.md", issue("abc2", locale="English", number="8"))
    assert source.messages(source.run("known-issues")) == [
        "en/abc2.md:11: locale: 'English' is no language tag; write a tag such as en",
        "en/more/abc1.md:1: id: 'abc1' has the id and language of en/abc1.md; keep one",
    ]


LINE = {"id": "4531952", "description": "If {{switchd}} runs, it might crash.\nTo work around this issue, restart {{switchd}}.",
        "affects": ["3.7.14.2-3.7.15", "5.11.1-5.13.1"], "affects_raw": "x", "fixed": "5.9.4, 5.14.0-5.14.2", "product": "Linux",
        "table": "Open issues", "source_file": "internal/path"}


def test_a_list_of_issues(source: Any, records: Any) -> None:
    source.write("issues.jsonl", json.dumps(LINE) + "\n")
    assert source.run("known-issues", date="2024-05-06").findings == ()
    assert source.read("reports/4531952.md") == """\
---
id: 4531952
title: If switchd runs, it might crash
status: fixed
affected:
  - product: linux
    ranges: [3.7.14.2 through 3.7.15, 5.11.1 through 5.13.1]
    fixed: [5.9.4, 5.14.0-5.14.2]
created: 2024-05-06
updated: 2024-05-06
---
## Problem

If `switchd` runs, it might crash.

## Workaround

To work around this issue, restart `switchd`.
"""
    report = records()["4531952"]
    assert isinstance(report, Report)


def test_lines_that_are_wrong(source: Any) -> None:
    lines = [LINE | {"id": ""}, LINE | {"id": 5, "description": ""}, LINE | {"id": "6", "product": ""},
             LINE | {"id": "7", "affects": ["x"]}, LINE | {"id": "8", "description": ["x"]}, LINE | {"id": "9"},
             LINE | {"id": "9"}]
    path = source.write("issues.jsonl", "\n".join(map(json.dumps, lines)) + "\n[1]\n{\n" + json.dumps(LINE))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    report = source.run("known-issues")
    assert source.messages(report) == [
        "issues.jsonl:1: id: is missing; add \"id\": \"1747984\"",
        "issues.jsonl:2: description: '5' is missing; add what the issue is",
        "issues.jsonl:3: product: '6' is missing; name the product, or give one for all",
        "issues.jsonl:5: description: is not a text; write it in quotes",
        "issues.jsonl:8: is no JSON object; write {\"id\": ..., \"title\": ...} on one line",
        "issues.jsonl:9: is not valid JSON: Expecting property name enclosed in double quotes: line 2 column 1 (char 2); "
        "write one JSON object a line",
        "issues.jsonl:4: affects: 'x' holds 'x', which is neither a release nor a train, so it is left out; "
        "write it like 5.11.1 or 3.7.14.2, or a train: 5.11",
        "issues.jsonl:7: id: '9' has the id of issues.jsonl; give one of them another id",
    ]
    assert source.messages(report, "note") == [
        "issues.jsonl: created: has 4 issues without a date; new ones get that of the file, 2023-11-14; "
        "give a date to use instead"]


def test_dates_stay_when_the_file_is_copied_again(source: Any, tree: Any) -> None:
    path = source.write("issues.jsonl", json.dumps(LINE))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    source.run("known-issues")
    before = tree()
    os.utime(path, (1_710_000_000, 1_710_000_000))
    source.run("known-issues")
    assert tree() == before
