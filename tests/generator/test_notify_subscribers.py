"""Who is told of what: subscribers files, and which changes belong to a topic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.notify.published import Portal
from generator.notify.subscribers import Subscribers, masked, read_subscribers
from generator.notify.topics import RATED, Notice, Topic, belongs
from kb.records import normal_id
from tests.generator.notify_support import listed, publish

GOOD = "subscribers:\n  - mail: noc@example.org\n    topics: all\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Subscribers]:
    index = Portal(str(publish(tmp_path, [listed("1001")]))).index()

    def read(text: str, name: str = "s.yml") -> Subscribers:
        (tmp_path / name).write_text(text, encoding="utf-8")
        found = read_subscribers(tmp_path / name, index)
        plain = tuple(msgspec.structs.replace(finding, path=Path(finding.path).name) for finding in found.findings)
        return Subscribers(found.known, plain)

    return read


def test_a_whole_entry(read: Callable[..., Subscribers]) -> None:
    found = read("""\
subscribers:
  - mail: NOC@Exämple.org
    language: ru
    immediate: critical
    unsubscribe: https://example.org/end?a=1
    topics:
      - {products: [bos, Can], kinds: advisory, severity: high, tell: new}
      - {platforms: [Box 1], components: [WEB], trains: ["1.0"], ids: [pr 1001, sa-1], tell: all}
""")
    assert found.findings == ()
    subscriber = found.known[0]
    assert (subscriber.form, subscriber.address, subscriber.language, subscriber.immediate, subscriber.unsubscribe) == (
        "mail", "NOC@xn--exmple-cua.org", "ru", "critical", "https://example.org/end?a=1")
    assert subscriber.topics == (
        Topic(kinds=("advisory",), products=("box", "can"), severity="high", tell="new"),
        Topic(platforms=("bx1",), components=("web",), trains=("1.0",), ids=("1001", "SA-1")))


WRONG = [
    ("mail: noc@example.org", "mail: A <noc@example.org>", "s.yml:2: mail: 'A…@example.org>' is not a mail address; write it alone, without a name, such as noc@example.org"),
    ("mail: noc@example.org", 'mail: "noc@example.org\\r\\nBcc: x@example.org"', "s.yml:2: mail: 'n…@example.org' is not a mail address; write it alone, without a name, such as noc@example.org"),
    ("mail: noc@example.org", "webhook: http://example.org/secret", "s.yml:2: webhook: 'http://example.org/…' is no address for a hook; write https://host/path in ASCII, without a name or password"),
    ("mail: noc@example.org", "webhook: https://u:p@example.org/x", "s.yml:2: webhook: 'https://example.org/…' is no address for a hook; write https://host/path in ASCII, without a name or password"),
    ("mail: noc@example.org", "mail: noc@example.org\n    webhook: https://example.org/", "s.yml:2: mail: or webhook: exactly one is needed; write 'mail: noc@example.org' or 'webhook: https://...'"),
    ("mail: noc@example.org", "mail: noc@example.org\n    form: slack", "s.yml:3: form: is for webhooks; remove it"),
    ("topics: all", "topics: [{products: [bax]}]", "s.yml:3: topics.products: 'bax' is not known to the portal; did you mean box?"),
    ("topics: all", "topics: [{kinds: [advisories]}]", "s.yml:3: topics.kinds: 'advisories' is not known to the portal; did you mean advisory?"),
    ("topics: all", "topics: [{severity: urgent}]", "s.yml:3: topics.severity: 'urgent' is not allowed here; write one of critical, high, medium, low, none"),
    ("topics: all", "topics: [{colour: red}]", "s.yml:3: topics.colour: is not a known field; known fields: kinds, products, platforms, components, severity, trains, ids, tell"),
    ("topics: all", "topics: [{}]", "s.yml:3: topics: is neither 'all' nor a list of mappings; write 'products: [...]' and the like"),
    ("topics: all", "language: de\n    topics: all", "s.yml:3: language: 'de' is not allowed here; write one of en, ru"),
    ("    topics: all\n", "", "s.yml:2: topics: is missing; add a line 'topics: ...'"),
    ("    topics: all\n", "    topics: all\n  - {mail: noc@EXAMPLE.org, topics: all}\n", "s.yml:4: mail: 'n…@example.org' has an entry already; write all its topics in one entry"),
    ("topics: all", "topics: all\n  - text", "s.yml:4: subscribers: is no mapping; write 'mail: ...' and 'topics: ...'"),
    ("subscribers:", "people:", "s.yml:1: subscribers: is missing; add a line 'subscribers: ...'"),
    ("topics: all", "topics: [", "s.yml:4: is not valid YAML: did not find expected node content; check indentation, quotes and colons on this line and the one before"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_what_is_wrong_is_told_with_its_line(read: Callable[..., Subscribers], old: str, new: str, message: str) -> None:
    assert old in GOOD
    findings = [str(finding) for finding in read(GOOD.replace(old, new)).findings if finding.level == "error"]
    assert message in findings
    assert not any("noc@" in finding or "secret" in finding for finding in findings if "such as noc@" not in finding and "'mail: noc" not in finding)


def test_bad_entries_leave_others_as_they_are(read: Callable[..., Subscribers]) -> None:
    found = read(GOOD + "  - {mail: nobody, topics: all}\n  - {mail: b@example.org, topics: [{components: [wab]}]}\n")
    assert [subscriber.address for subscriber in found.known] == ["noc@example.org", "b@example.org"]
    assert [(finding.level, finding.line) for finding in found.findings] == [("error", 4), ("note", 5)]


def test_rows_of_an_export_are_topics(read: Callable[..., Subscribers]) -> None:
    found = read("""\
mail,language,products,severity,kinds
noc@example.org,ru,box;can,high,
b@example.org,,,,
NOC@example.org,ru,,,advisory; notice
""", "s.csv")
    assert found.findings == ()
    first, second = found.known
    assert (first.address, first.language, second.topics) == ("noc@example.org", "ru", (Topic(),))
    assert first.topics == (Topic(products=("box", "can"), severity="high"), Topic(kinds=("advisory", "notice")))


@pytest.mark.parametrize(("text", "message"), [
    ("mail,colour\n", "s.csv:1: colour: is not a known column; known columns: components, form, ids, immediate, kinds, language, mail, platforms, products, severity, tell, trains, unsubscribe, webhook"),
    ("mail,mail\n", "s.csv:1: mail: is given twice"),
    ("mail\na@example.org,x\n", "s.csv:2: has more cells than the first row; quote cells that hold commas"),
    ('mail\n"a@example.org', "s.csv:2: is no CSV: unexpected end of data; write commas, and quotes in pairs"),
    ("mail,language\na@example.org,en\na@example.org,ru\n", "s.csv:3: mail: 'a…@example.org' differs from that of another row; give all rows of an address the same language, immediate and unsubscribe"),
])
def test_a_wrong_export_is_told_of(read: Callable[..., Subscribers], text: str, message: str) -> None:
    assert any(str(finding).startswith(message) for finding in read(text, "s.csv").findings)


def test_addresses_are_masked() -> None:
    assert [masked(address) for address in ("noc@example.org", "https://hooks.example.org/T0/secret?x")] == [
        "n…@example.org", "https://hooks.example.org/…"]


def some(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple)


RECORDS = st.builds(
    lambda kind, severity, products, platforms, components, trains, ids: listed(
        ids[0] if ids else "9", kind=kind, severity=severity, products=products, platforms=platforms, components=components,
        trains={product: trains for product in products if trains}, aliases=ids[1:]),
    st.sampled_from(["report", "advisory", "article"]), st.sampled_from(["", *RATED]), some("Box", "can"), some("bx1", "cn1"),
    some("Web", "lid"), some("1.0", "1.1"), some("PR1", "SA-1"))
NOTICES = st.builds(Notice, st.sampled_from(["new", "update"]), RECORDS)
TOPICS = st.builds(Topic, some("report", "advisory"), some("box", "can"), some("bx1", "cn1"), some("web", "lid"),
                   st.sampled_from(["", *RATED]), some("1.0", "1.1"), some("1", "SA-1"), st.sampled_from(["", "new", "updates"]))
FIELDS = Topic.__struct_fields__


@given(NOTICES, TOPICS)
def test_a_topic_is_what_all_its_fields_say(notice: Notice, topic: Topic) -> None:
    """By sets, another way than the code goes."""
    record = notice.record
    own = {"products": record.products, "platforms": record.platforms, "components": record.components, "kinds": (record.kind,),
           "ids": tuple(map(normal_id, (record.id, *record.aliases)))}
    fits = [not getattr(topic, name) or bool({word.casefold() for word in words} & {word.casefold() for word in getattr(topic, name)})
            for name, words in own.items()]
    fits.append({"": {"new", "update"}, "new": {"new"}, "updates": {"update"}}[topic.tell] >= {notice.effect})
    fits.append(not topic.severity or record.severity in RATED[: RATED.index(topic.severity) + 1])
    trains = {(product.casefold(), train) for product, own_trains in record.trains.items() for train in own_trains}
    wanted = {(product, train) for product in topic.products or ("box", "can") for train in topic.trains}
    fits.append(not topic.trains or bool(trains & wanted))
    assert belongs(notice, topic) == all(fits)


@given(NOTICES, TOPICS, st.sampled_from(FIELDS))
def test_a_field_less_never_narrows(notice: Notice, topic: Topic, name: str) -> None:
    if belongs(notice, topic) and name != "products":  # which trains are looked at depends on the products
        assert belongs(notice, msgspec.structs.replace(topic, **{name: getattr(Topic(), name)}))
    assert belongs(notice, Topic())
