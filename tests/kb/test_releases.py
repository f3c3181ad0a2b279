"""Release names: the three schemes, the laws of their order, and what a wrong name is told."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.releases import SCHEMES, Release, ReleaseError, parse_bound, parse_release, parse_train

small = st.integers(min_value=0, max_value=4)
count = st.integers(min_value=1, max_value=4)


@st.composite
def junos(draw: st.DrawFn) -> str:
    number = f"R{draw(count)}" if draw(st.integers(0, 4)) else f"X{draw(count)}-D{draw(count)}"
    service = f"-S{draw(count)}" if draw(st.booleans()) else ""
    respin = f".{draw(count)}" if draw(st.booleans()) else ""
    return f"{draw(small)}.{draw(small)}{number}{service}{respin}{draw(st.sampled_from(['', '-EVO']))}"


dotted = st.lists(small, min_size=2, max_size=6).map(lambda parts: ".".join(map(str, parts)))
identifier = st.one_of(small.map(str), st.sampled_from(["alpha", "beta", "rc", "a-b", "A"]))
prerelease = st.lists(identifier, max_size=3).map(lambda parts: "-" + ".".join(parts) if parts else "")
semver = st.builds("{}.{}.{}{}{}".format, small, small, small, prerelease, st.sampled_from(["", "+build.7"]))
BY_SCHEME = {"junos": junos(), "dotted": dotted, "semver": semver}
names = st.sampled_from(SCHEMES).flatmap(lambda scheme: st.tuples(st.just(scheme), *[BY_SCHEME[scheme]] * 3))


def test_the_schemes() -> None:
    assert SCHEMES == ("junos", "dotted", "semver")


@given(names)
def test_the_order_is_total(texts: tuple[str, str, str, str]) -> None:
    a, b, c = (parse_release(text, texts[0]) for text in texts[1:])
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a <= b) == (a < b or a == b) and (a >= b) == (b <= a)
    if a <= b and b <= c:
        assert a <= c
    if a == b:
        assert hash(a) == hash(b) and (a < c) == (b < c)


@given(names)
def test_a_printed_release_reads_back(texts: tuple[str, str, str, str]) -> None:
    scheme, text = texts[0], texts[1]
    release = parse_release(text, scheme)
    again = parse_release(release.text, scheme)
    assert str(release) == release.text == text
    assert (again, again.text, again.train) == (release, release.text, release.train)
    assert parse_train(release.train, scheme) == release.train


@given(names)
def test_a_train_has_no_gap(texts: tuple[str, str, str, str]) -> None:
    first, middle, last = sorted(parse_release(text, texts[0]) for text in texts[1:])
    trains = [parse_bound(release.train, texts[0]).prefix for release in (first, middle, last)]
    assert trains == sorted(trains)
    if trains[0] == trains[2]:
        assert trains[1] == trains[0]


@given(st.text(max_size=30), st.sampled_from(SCHEMES))
def test_any_text_is_a_release_or_an_error(text: str, scheme: str) -> None:
    try:
        release = parse_release(text, scheme)
    except ReleaseError as error:
        assert str(error) and error.remedy and error.value == text
    else:
        assert parse_release(release.text, scheme) == release


@given(st.from_regex(r"[0-9.RXSDEVO*+-]{0,20}", fullmatch=True), st.sampled_from(SCHEMES))
def test_near_misses_are_errors_and_nothing_else(text: str, scheme: str) -> None:
    for parse in (parse_release, parse_train, parse_bound):
        try:
            parse(text, scheme)
        except ReleaseError as error:
            assert error.remedy


@pytest.mark.parametrize(("scheme", "ordered"), [
    ("junos", "12.3X48-D101 15.1R1 15.1R7-S9 15.1X49-D100 15.1X49-D240 15.1X49-D240.2 15.1X53-D1 18.4R1 18.4R1-S8 "
              "18.4R2 21.4R3-S5 21.4R3-S7 21.4R3-S7.9 21.4R3-S7.10 21.4R3-S10 21.10R1 22.2R3 22.2R3.2 22.2R3-S4 "
              "22.2R3-S4.11"),
    ("dotted", "3.7.14 3.7.14.2 3.7.15 4.3.0 4.4.2 5.0.1 5.9.4 5.11.0 5.11.1 5.14.0 10.0"),
    # The examples of Semantic Versioning 2.0.0, section 11.
    ("semver", "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 "
               "2.0.0 2.1.0 2.1.1"),
])
def test_examples_in_order(scheme: str, ordered: str) -> None:
    releases = [parse_release(text, scheme) for text in ordered.split()]
    assert all(a < b for a, b in pairwise(releases))
    assert len(set(releases)) == len(releases)


@pytest.mark.parametrize(("scheme", "text", "train"), [
    ("junos", "21.4R3-S5", "21.4"), ("junos", "21.4R3-S5-EVO", "21.4-EVO"), ("junos", "15.1X49-D240", "15.1X49"),
    ("junos", "22.2R3-S4.11", "22.2"), ("junos", "21.10R1", "21.10"), ("dotted", "5.11.1", "5.11"),
    ("dotted", "3.7.14.2", "3.7"), ("dotted", "22.04.1", "22.04"), ("semver", "1.4.0-rc.1", "1.4"),
])
def test_trains(scheme: str, text: str, train: str) -> None:
    assert parse_release(text, scheme).train == train
    assert parse_train(train, scheme) == train


def test_names_are_printed_canonically() -> None:
    assert parse_release(" 21.4r3-s5-evo ", "junos").text == "21.4R3-S5-EVO"
    assert parse_train("15.1x49", "junos") == "15.1X49"


def test_the_suffix_of_evolved_releases_does_not_order() -> None:
    plain, evolved = parse_release("21.4R3-S5", "junos"), parse_release("21.4R3-S5-EVO", "junos")
    assert plain == evolved and evolved.text == "21.4R3-S5-EVO"
    assert parse_release("21.4R3-S4-EVO", "junos") < plain < parse_release("21.4R3-S6-EVO", "junos")


def test_a_trailing_zero_does_not_order_dotted_releases() -> None:
    assert parse_release("5.11", "dotted") == parse_release("5.11.0", "dotted")


def test_releases_of_different_schemes_have_no_order() -> None:
    assert parse_release("1.2.3", "dotted") != parse_release("1.2.3", "semver")
    with pytest.raises(TypeError):
        assert parse_release("1.2.3", "dotted") < parse_release("1.2.3", "semver")


def test_a_release_is_frozen() -> None:
    release = parse_release("21.4R3", "junos")
    with pytest.raises(AttributeError):
        release.text = "21.4R4"  # type: ignore[misc]
    assert isinstance(release, Release)


@pytest.mark.parametrize(("parse", "text", "scheme", "reason", "remedy"), [
    (parse_release, "21.4", "junos", "is a train, not a release",
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    (parse_release, "21.4R", "junos", "is not a release", "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    (parse_release, "15.1X49R2", "junos", "is not a release",
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    (parse_release, "21.4-D30", "junos", "is not a release",
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    (parse_release, "7", "dotted", "is not a release", "write it like 5.11.1 or 3.7.14.2"),
    (parse_release, "1.4", "semver", "is a train, not a release", "write it like 1.4.0 or 1.4.0-rc.1"),
    (parse_release, "1.4.0-rc..1", "semver", "is not a release", "write it like 1.4.0 or 1.4.0-rc.1"),
    (parse_release, "1.4.0-01", "semver", "is not a release", "write it like 1.4.0 or 1.4.0-rc.1"),
    (parse_train, "21.4R3", "junos", "is a release, not a train", "write it like 21.4, 21.4-EVO or 15.1X49"),
    (parse_train, "21", "junos", "is not a train", "write it like 21.4, 21.4-EVO or 15.1X49"),
    (parse_bound, "21", "junos", "is neither a release nor a train",
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240, or a train: 21.4, 21.4-EVO or 15.1X49"),
    (parse_bound, "21.4*R3", "junos", "is not a wildcard", "write a train and a star: 21.4*"),
    (parse_release, "21.4R3", "calver", "is not a release scheme", "write one of junos, dotted, semver"),
])
def test_messages(parse: object, text: str, scheme: str, reason: str, remedy: str) -> None:
    assert callable(parse)
    with pytest.raises(ReleaseError) as caught:
        parse(text, scheme)
    assert (str(caught.value), caught.value.remedy) == (reason, remedy)


@pytest.mark.parametrize("text", ["1." * 50_000, "21.4R3" + "-S1" * 20_000, "1.0.0-" + "a." * 50_000, "9" * 100_000,
                                  "21.4R99999999999999999999", "٢١.٤R٣", "21.4R3\n22.2R3", "21.4ſ3"])
def test_hostile_texts_are_refused(text: str) -> None:
    for scheme in SCHEMES:
        with pytest.raises(ReleaseError):
            parse_release(text, scheme)
