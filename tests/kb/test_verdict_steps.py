"""Steps say the same of any release as the ranges that they were made of."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ranges import Affected, compile_affected, parse_range
from kb.releases import parse_release
from kb.verdict_steps import verdict_steps

RELEASES = {
    "junos": st.builds(lambda major, minor, rest: f"{major}.{minor}{rest}", st.integers(20, 23), st.integers(1, 4),
                       st.sampled_from(["R1", "R2", "R2-S1", "R2-S2", "R2-S2.3", "R3", "R3-S5", "R3-S5.7", "R4", "X49-D20", "X49-D140", "X50-D10"])),
    "dotted": st.lists(st.integers(0, 4), min_size=2, max_size=4).map(lambda parts: ".".join(map(str, parts))),
    "semver": st.builds(lambda major, minor, patch, rest: f"{major}.{minor}.{patch}{rest}", st.integers(0, 2), st.integers(0, 3), st.integers(0, 3),
                        st.sampled_from(["", "-0", "-rc.1", "-rc.2", "-alpha", "-1.2", "+build"])),
}
TRAINS = {"junos": ["20.1", "21.2", "21.4", "22.4", "21.4X49", "21*"], "dotted": ["1.2", "2.3", "3.0", "4*"], "semver": ["0.3", "1.2", "2.0", "1*"]}


@st.composite
def ranges(draw: st.DrawFn, scheme: str) -> str:
    one, other = sorted((draw(RELEASES[scheme]), draw(RELEASES[scheme])), key=lambda text: parse_release(text, scheme).key)
    train = draw(st.sampled_from(TRAINS[scheme]))
    text = draw(st.sampled_from([train, one, f"{one} through {other}", f"{one} before {other}", f"all before {other}", f"{train} before {other}", "all"]))
    try:
        parse_range(text, scheme)
    except ValueError:
        return one
    return text


@st.composite
def entries(draw: st.DrawFn, scheme: str) -> tuple[Affected, ...]:
    found = []
    for _ in range(draw(st.integers(1, 3))):
        said = [item for text in draw(st.lists(ranges(scheme), max_size=3)) for item in parse_range(text, scheme)]
        excepted = [item for text in draw(st.lists(ranges(scheme), max_size=1)) for item in parse_range(text, scheme)]
        platforms = tuple(draw(st.sampled_from([[], [], ["a"], ["b"], ["a", "b"]])))
        found.append(Affected("p", platforms, tuple(said), tuple(draw(st.lists(RELEASES[scheme], max_size=3))), tuple(excepted), "",
                              draw(st.sampled_from(["unaffected", "unaffected", "affected"]))))
    return tuple(found)


@pytest.mark.parametrize("scheme", RELEASES)
@given(data=st.data())
def test_steps_agree_with_ranges(scheme: str, data: st.DataObject) -> None:
    compiled = compile_affected(data.draw(entries(scheme)), "p", scheme)
    for platform in (None, "a", "c"):
        steps = verdict_steps(compiled, platform)
        starts = [start for start, _verdict in steps]
        assert starts == sorted(starts)
        for release in data.draw(st.lists(RELEASES[scheme], min_size=5, max_size=20)):
            place = bisect_right(starts, parse_release(release, scheme).key) - 1
            assert steps[place][1] == compiled.verdict(release, platform), (release, platform)
