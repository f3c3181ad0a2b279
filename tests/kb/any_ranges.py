"""Records with any ranges, for tests that compare what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from kb.library import Library, View
from kb.products import Catalogue, Named, Product, ReleaseInfo
from kb.ranges import Affected, parse_range
from kb.records import Place, Report, Text
from kb.releases import parse_release

KNOWN = [f"{year}.{quarter}R{number}{service}" for year in (20, 21) for quarter in (1, 2) for number in (1, 2, 3)
         for service in ("", "-S1", "-S2", "-S4")] + ["15.1R7", "15.1X49-D230", "15.1X49-D240", "15.1X53-D9"]
ALL = [*KNOWN, "20.1R3-S3", "20.2R2-S7.9", "19.4R1", "15.1X49-D220"]
PLATFORMS = ["ar900", "fw60", "sx40"]
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = Place("x.md", 1)
EXOS = Product("exos", "ExOS", "junos", PLACE, platforms=tuple(Named(name, name.upper()) for name in PLATFORMS), releases=tuple(
    ReleaseInfo(name, parse_release(name, "junos").train) for name in sorted(KNOWN, key=lambda name: parse_release(name, "junos").key)))

_release = st.sampled_from(ALL)
_train = st.sampled_from(["20.1", "20.2", "21.1", "21.2", "15.1X49"])
_written = st.one_of(
    _train, _release, st.just("all"), st.builds("all before {}".format, _release),
    st.builds(lambda train, fixes: f"{train} before {', '.join(f'{train}{fix}' for fix in fixes)}",
              st.sampled_from(["20.1", "20.2", "21.1"]), st.lists(st.sampled_from(["R1-S2", "R2-S2", "R2-S3", "R3", "R3-S3"]), min_size=1, max_size=3, unique=True)),
    st.tuples(_release, _release).map(lambda two: sorted(two, key=lambda name: parse_release(name, "junos").key)).map(" through ".join))
_entry = st.builds(
    lambda platforms, written, fixed, unaffected, default: Affected(
        "exos", tuple(platforms), tuple(item for text in written for item in parse_range(text, "junos")), tuple(fixed),
        tuple(item for text in unaffected for item in parse_range(text, "junos")), "", default),
    st.lists(st.sampled_from(PLATFORMS), max_size=2, unique=True), st.lists(_written, max_size=3), st.lists(_release, max_size=2),
    st.lists(_written, max_size=1), st.sampled_from(["unaffected", "unaffected", "affected", "unknown"]))
ENTRIES = st.lists(_entry, min_size=1, max_size=3)


def report(entries: list[Affected]) -> Report:
    return Report(id="1", kind="report", status="open", audience="public", place=PLACE, created=WHEN, updated=WHEN,
                  texts=(Text("en", "It fails", "", (), (), PLACE),), products=("exos",), affected=tuple(entries))


def library(entries: list[Affected]) -> Library:
    return Library(None, Catalogue((EXOS,)), None, (), {"1": report(entries)}, {}, {}, {}, View(WHEN))  # type: ignore[arg-type]
