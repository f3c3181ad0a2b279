"""What the search page asks of OpenSearch, and what it makes of answers (theme/assets/opensearch.js)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ANSWERS = Path(__file__).resolve().parents[1] / "opensearch"
FIELDS = ["en", "ru", "other"]
ROOT = "https://support.example.com/ru/"


def recorded(name: str) -> Any:
    return json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


def body(node: Any, query: str, language: str = "en", **options: Any) -> Any:
    return node.call("requestBody", query, language, FIELDS, 30, options)


def found_in(node: Any, answer: Any, language: str = "en", query: str = "box") -> Any:
    return node.call("foundIn", answer, language, ROOT, query)


def strings(found: Any) -> list[str]:
    """What simple_query_string is given, of one language."""
    return [part["dis_max"]["queries"][0]["simple_query_string"]["query"] for part in found if "dis_max" in part]


def test_the_body_of_a_request(node: Any) -> None:
    """A change here is one to tell those who run clusters: docs/opensearch.md shows the same."""
    query = 'rpd 21.4R3-S5 "core dump" -bgp severity:critical,high -status:closed since:2025-01-31 affects:21.4R3-S5 kern'
    assert body(node, query) == recorded("request")


@pytest.mark.parametrize(("query", "string"), [
    ("crash ", "crash"), ("crash", "(crash|crash*)"), ("cra* now ", "(cra|cra*) now"), ("a|b (c) ~2 +d \\ ", "a\\|b \\(c\\) \\~2 \\+d \\\\"),
    ('"a \\ (b" ', '"a \\\\ (b"'), ("(x", "(\\(x|\\(x*)"), ("сбой ядра ", "сбой ядра"), ("severity:terrible crash", "severity:terrible crash"),
])
def test_words_are_words_and_only_our_operators_count(node: Any, query: str, string: str) -> None:
    assert strings(body(node, query)["query"]["bool"]["should"]) == [string]


def test_what_is_excluded_is_so_in_every_language(node: Any) -> None:
    found = body(node, "crash -bgp -\"core dump\" ")["query"]["bool"]
    assert strings(found["should"]) == ["crash"]
    assert strings(found["must_not"]) == ["bgp", '"core dump"']
    assert [len(part["dis_max"]["queries"]) for part in found["must_not"]] == [3, 3]


def test_texts_in_the_language_of_the_page_count_more(node: Any) -> None:
    queries = body(node, "сбой", "ru")["query"]["bool"]["should"][0]["dis_max"]["queries"]
    assert [query["simple_query_string"]["boost"] for query in queries] == [1, 2, 1]


@pytest.mark.parametrize(("query", "names"), [
    ("1747984", ["term", "prefix"]), ("PR 1747984", ["term", "prefix"]), ("cve-2026-990107", ["term", "prefix"]), ("123", ["term"]),
    ("crash", ["term"]), ("x" * 61, []), ("severity:high", []),
])
def test_numbers_and_other_names(node: Any, query: str, names: list[str]) -> None:
    should = body(node, query)["query"]["bool"].get("should", [])
    found = [(kind, part[kind]["names"]["value"]) for part in should for kind in ("term", "prefix") if kind in part]
    assert [kind for kind, _ in found] == names
    assert {value for _, value in found} <= {query.lower().replace("pr ", "")}


def test_filters_alone(node: Any) -> None:
    found = body(node, "kind:report product:ExOS has:workaround fixed:22.4R3")["query"]["bool"]
    assert found == {"must_not": [], "filter": [
        {"terms": {"kind": ["report"]}}, {"terms": {"products": ["ExOS"]}}, {"terms": {"has": ["workaround"]}},
        {"terms": {"fixed": ["22.4R3"]}}]}


def test_what_is_chosen_beside_the_words_leaves_the_counts_of_others(node: Any) -> None:
    plain, found = body(node, "crash "), body(node, "crash ", kinds=["report", "article"], product="exos", release="22.4R3")
    kinds, product = {"terms": {"kind": ["report", "article"]}}, {"term": {"products": "exos"}}
    assert found["post_filter"] == {"bool": {"filter": [kinds, product]}}
    assert found["aggs"]["kind"]["filter"] == {"bool": {"filter": [product]}}
    assert found["aggs"]["product"]["filter"] == {"bool": {"filter": [kinds]}}
    release = {"bool": {"should": [{"term": {"affects": "22.4R3"}}, {"term": {"fixed": "22.4R3"}}]}}
    assert found["query"]["bool"].pop("filter") == [release]
    assert plain["query"]["bool"].pop("filter") == []
    assert found["query"] == plain["query"]
    assert "post_filter" not in plain


def test_an_answer(node: Any) -> None:
    found = found_in(node, recorded("found"), "ru")
    no = {"products": [], "releases": []}
    assert found["groups"] == [
        {"kind": "article", "total": 304, "results": [
            {"href": f"{ROOT}kb/KB10001/", "id": "KB10001", "kind": "article", "language": "ru", "title": "Перезапуск",
             "excerpt": "Press the <mark>button</mark>, then read the log &amp; wait &lt;5 s&gt;."} | no,
            {"href": f"{ROOT}kb/KB10002/", "id": "KB10002", "kind": "article", "language": "es", "title": "Limpiar una caja",
             "excerpt": "Use &lt; 2 cepillos &amp; agua."} | no]},
        {"kind": "report", "total": 900, "results": [
            {"href": f"{ROOT}pr/100001/", "id": "100001", "kind": "report", "language": "en", "title": "The box hums",
             "excerpt": ""} | no]}]
    assert (found["total"], found["jump"], found["unknown"]) == (1204, None, None)
    assert found["facets"] == {"kind": [["report", 900], ["article", 304]], "product": [["boxos", "boxos", 1100]], "release": []}


def test_a_record_that_is_named_comes_first(node: Any) -> None:
    assert found_in(node, recorded("found"), query="pr 100001")["jump"]["href"] == f"{ROOT}pr/100001/"


def test_a_total_may_be_a_number_and_nothing_be_counted(node: Any) -> None:
    answer = recorded("found")
    answer["hits"]["total"] = 3
    del answer["aggregations"]
    found = found_in(node, answer)
    assert (found["total"], [group["total"] for group in found["groups"]]) == (3, [2, 1])
    assert found["facets"] == {"kind": [], "product": [], "release": []}


def test_results_lead_to_records_of_this_portal_only(node: Any) -> None:
    groups = found_in(node, recorded("hostile"))["groups"]
    assert [[result["href"].removeprefix(ROOT) for result in group["results"]] for group in groups] == [["kb/KB10001/", "pr/7/"], ["pr/100001/"]]
    assert [group["kind"] for group in groups] == ["", "report"]


@pytest.mark.parametrize("answer", [recorded("partial"), recorded("late"), recorded("error"), {}, {"hits": {}}, {"hits": {"hits": 3}}])
def test_an_answer_that_is_not_whole_is_none(node: Any, answer: Any) -> None:
    with pytest.raises(AssertionError, match="foundIn: "):
        found_in(node, answer)
