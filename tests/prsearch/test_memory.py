"""Searching a library in memory, and questions about releases, on the example portal."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.library import Library
from kb.records import severity_of
from prsearch.analysis import stems
from prsearch.memory import MemoryIndex, one_edit
from prsearch.query import QueryError, parse_query
from prsearch.releases import affected, compare


def ids(index: MemoryIndex, query: str) -> list[str]:
    return [hit.record.id for hit in index.search(parse_query(query)).hits]


@pytest.mark.parametrize("query", ["1747984", "PR1747984", "pr1747984", "EXSA-2026-0007", "exsa-2026-0007", "KB10001"])
def test_a_name_leads_to_its_record_first(index: MemoryIndex, query: str) -> None:
    assert ids(index, query)[0].casefold() == query.casefold().removeprefix("pr")


def test_a_cve_id_leads_to_its_advisory(index: MemoryIndex) -> None:
    assert ids(index, "cve-2026-990107")[0] == "EXSA-2026-0007"


def test_a_partial_number_finds_reports_that_begin_so(index: MemoryIndex, library: Library) -> None:
    begins = {key for key in library.records if key.startswith("1747")}
    assert begins and begins <= set(ids(index, "1747"))


def test_words_rank_titles_first(index: MemoryIndex) -> None:
    assert ids(index, "rpd crashes multipath flap")[0] == "1747984"


def test_every_hit_holds_every_word_and_none_that_is_excluded(index: MemoryIndex, library: Library) -> None:
    found = ids(index, "bgp -multipath")
    assert found
    for record_id in found:
        text = " ".join(f"{item.title} {item.summary} {' '.join(item.keywords)} " + " ".join(
            section.markdown for section in item.sections) for item in library.records[record_id].texts)
        assert "bgp" in set(stems(text)) and "multipath" not in set(stems(text))


def test_phrases_want_the_words_in_order(index: MemoryIndex) -> None:
    assert set(ids(index, '"route flap"')) < set(ids(index, "route flap"))


def test_a_beginning_finds_all_words_that_begin_so(index: MemoryIndex) -> None:
    assert set(ids(index, "multipath")) | set(ids(index, "multicast")) <= set(ids(index, "multi*"))


def test_one_typing_error_is_forgiven_and_told(index: MemoryIndex) -> None:
    found = index.search(parse_query("multipaht"))
    assert found.corrections == (("multipaht", "multipath"),)
    assert {hit.record.id for hit in found.hits} >= set(ids(index, "multipath"))


def test_filters_agree_with_release_questions(index: MemoryIndex, library: Library) -> None:
    product = library.catalogue.find("exos")
    assert product
    told = {hit.record.id for hit in affected(library, product, "22.4R2")}
    found = {record_id for record_id in ids(index, "affects:22.4R2")
             if library.records[record_id].status not in {"duplicate", "superseded", "withdrawn"}}
    assert told == found and "1747984" in told
    critical = ids(index, "affects:22.4R2 severity:critical")
    assert critical and all(severity_of(library.records[record_id]) == "critical" for record_id in critical)
    assert "1747984" in ids(index, "fixed:21.4R3-S5") and "1747984" not in ids(index, "affects:21.4R3-S5")


def test_comparing_parts_what_is_affected(library: Library) -> None:
    product = library.catalogue.find("exos")
    assert product
    before = {hit.record.id for hit in affected(library, product, "21.4R3")}
    after = {hit.record.id for hit in affected(library, product, "22.4R3-S4")}
    told = compare(library, product, "21.4R3", "22.4R3-S4")
    assert {record.id for record in told.fixed} == before - after
    assert {record.id for record in told.introduced} == after - before
    assert {record.id for record in told.remaining} == before & after
    assert told.fixed and told.remaining


@pytest.mark.parametrize("query", ["affects:9.9.9.9.9R", "product:nothing", "platform:nothing"])
def test_unknown_names_are_errors(index: MemoryIndex, query: str) -> None:
    with pytest.raises(QueryError):
        index.search(parse_query(query))


@given(st.text(max_size=80))
def test_any_text_is_a_query(text: str) -> None:
    with contextlib.suppress(QueryError):
        parse_query(text)


@given(st.text("abc", min_size=1, max_size=6), st.integers(0, 5), st.sampled_from("abcx"), st.sampled_from("diasw"))
def test_one_edit_knows_each_kind_of_error(word: str, at: int, letter: str, kind: str) -> None:
    at = min(at, len(word) - 1)
    edited = {"d": word[:at] + word[at + 1 :], "i": word[:at] + letter + word[at:], "a": word + letter,
              "s": word[:at] + letter + word[at + 1 :], "w": word[:at] + word[at : at + 2][::-1] + word[at + 2 :]}[kind]
    if edited and edited != word:
        assert one_edit(word, edited) and one_edit(edited, word)
    assert not one_edit(word, word + "xy") and not one_edit(word, word)
