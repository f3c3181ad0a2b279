"""The browser tells of any release what ``waypost affected`` tells, from the JSON that bulletins bring along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.build import make_editions
from generator.edition import Edition
from generator.i18n import ui_languages
from generator.pages.checker import checker_data
from kb.library import Library, View
from kb.load import load
from kb.products import Product
from kb.ranges import compile_affected
from kb.records import SecurityBulletin
from kb.releases import ReleaseError, parse_release
from kb.resolve import resolve
from prsearch.releases import affected

CONTENT = Path(__file__).resolve().parents[2] / "content"
CODES = {"affected": "a", "fixed": "f", "not_affected": "n", "unknown": "u"}
UNKNOWN = {
    "junos": ["1.1R1", "20.3R2-S9", "21.4R1-S1", "21.4R3-S5.4", "21.4r3-s55-evo", "22.4R9", "22.4X9-D30", "23.1R1", "23.4R2-S4-S1", "24.2R1-S9-EVO", "99.9R9"],
    "dotted": ["0.1", "5.8.99", "5.11.2.7", "5.11", "5.12.01", "6.0.0.0.0.1", "7.5", "999999999.9"], "semver": ["1.0.0-rc.1", "0.0.0"],
}


@pytest.fixture(scope="module")
def library() -> Library:
    found, findings = resolve(load(CONTENT, ui_languages()), View(datetime(2026, 11, 22, 12, tzinfo=UTC)))
    assert found, findings
    return found


@pytest.fixture(scope="module")
def editions(library: Library) -> dict[str, Edition]:
    return {edition.language: edition for edition in make_editions(library)}


def bulletins(library: Library) -> Iterator[tuple[SecurityBulletin, Product]]:
    for record in library.records.values():
        if isinstance(record, SecurityBulletin):
            for name in dict.fromkeys(entry.product for entry in record.affected):
                product = library.catalogue.find(name)
                assert product
                yield record, product


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_verdict_is_that_of_the_command(node: Any, library: Library, editions: dict[str, Edition], language: str) -> None:
    """Over all known releases and some that nobody knows, on each platform and on all."""
    edition, asked = editions[language], 0
    for record, product in bulletins(library):
        data = checker_data(edition, record)
        if not data:
            assert record.status in {"withdrawn", "superseded"}
            continue
        verdicts = json.loads(data)
        (part,) = (item for item in verdicts["products"] if item["id"] == product.id)
        releases = [release.id for release in product.releases] + UNKNOWN[product.scheme]
        compiled = compile_affected(record.affected, product.id, product.scheme)
        for platform in (None, *(one.id for one in product.platforms)):
            answers = node.call("verdicts", verdicts, part, releases, platform or "")
            for release, answer in zip(releases, answers, strict=True):
                asked += 1
                try:
                    expected = compiled.verdict(release, platform)
                except ReleaseError:
                    assert answer is None, release
                    continue
                reason = expected.reason.render(edition.say, lambda names: edition.joined(product, tuple(names)))  # noqa: B023
                assert answer == {"release": parse_release(release, product.scheme).text, "status": CODES[expected.status], "reason": reason}
                if language == "en" and platform is None:
                    hits = {hit.record.id for hit in affected(library, product, release)}
                    assert (record.id in hits) == (answer["status"] == "a"), (record.id, release)
    assert asked > 1_000


NUMBERS = st.integers(0, 12).map(str)
TEXTS = {
    "junos": st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}(X[0-9]{1,2})?(R|r|-D|-d)[0-9]{1,2}(-[Ss][0-9]{1,2})?(\.[0-9])?(-EVO|-evo)?", fullmatch=True),
    "dotted": st.lists(NUMBERS | st.just("007"), max_size=8).map(".".join),
    "semver": st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-[0-9a-z.-]{0,8})?(\+[0-9a-z.]{0,4})?", fullmatch=True),
}


@pytest.mark.parametrize("scheme", TEXTS)
@settings(max_examples=300)
@given(data=st.data())
def test_releases_are_read_alike(node: Any, scheme: str, data: st.DataObject) -> None:
    text = data.draw(st.one_of(TEXTS[scheme], st.text("0123.RSXD-EVOrc ", max_size=12)))
    try:
        release = parse_release(text, scheme)
    except ReleaseError:
        assert node.call("parseRelease", text, scheme) is None
    else:
        assert node.call("parseRelease", text, scheme) == {"key": list(release.key), "text": release.text}
