"""The query language."""

import pytest

from prsearch.query import Filter, QueryError, Words, parse_query


@pytest.mark.parametrize(("text", "words"), [
    ("rpd crash", [Words("rpd"), Words("crash", prefix=True)]),
    ("rpd crash ", [Words("rpd"), Words("crash")]), ("crash status:open", [Words("crash")]),
    ('"core dump" rpd', [Words("core dump", phrase=True), Words("rpd", prefix=True)]),
    ("bgp -flap", [Words("bgp"), Words("flap", excluded=True)]),
    ("PR 1747984 ", [Words("pr1747984")]), ("pr 17 x", [Words("pr17"), Words("x", prefix=True)]), ('pr "17" ', [Words("pr"), Words("17", phrase=True)]),
    ('-bgp "no end', [Words("bgp", excluded=True), Words("no end", phrase=True)]),
    ("ge-0/0/0 KERN-3-ERR", [Words("ge-0/0/0"), Words("KERN-3-ERR", prefix=True)]),
    ("multi* m*", [Words("multi", prefix=True), Words("m", prefix=True)]),
    ("error: 10:42:01 http://x.example/a", [Words("error:"), Words("10:42:01"), Words("http://x.example/a", prefix=True)]),
    ("", []), ('"" - *', [Words("-")]),
])
def test_words(text: str, words: list[Words]) -> None:
    assert list(parse_query(text).words) == words


@pytest.mark.parametrize(("text", "filters"), [
    ("affects:21.4R3-S5", [Filter("affects", ("21.4R3-S5",))]),
    ("Severity:Critical,high", [Filter("severity", ("critical", "high"))]),
    ('-status:closed product:"Ex OS"', [Filter("status", ("closed",), True), Filter("product", ("Ex OS",))]),
    ("since:2025-01-31 has:workaround", [Filter("since", ("2025-01-31",)), Filter("has", ("workaround",))]),
])
def test_filters(text: str, filters: list[Filter]) -> None:
    query = parse_query(text)
    assert list(query.filters) == filters and not query.words


@pytest.mark.parametrize(("text", "message"), [
    ("severity:critcal", "severity: 'critcal' is not known; did you mean critical?"),
    ("has:x", "has: 'x' is not known; write one of workaround"),
    ("since:yesterday", "since: 'yesterday' is not a date; write YYYY-MM-DD, such as 2026-11-22"),
    ('status:""', "status: has no value; write status:VALUE"),
])
def test_wrong_values_say_what_to_write(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert str(caught.value) == message
