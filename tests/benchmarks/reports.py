"""Generated problem reports for benchmarks: English function words and invented words by Zipf's law, error codes, interfaces, and
20 to 40 affected releases each out of a thousand. The same seed gives the same reports."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import numpy as np

from kb.library import Library, View
from kb.portal import Portal, PortalText
from kb.products import Catalogue, Named, Product, ReleaseInfo
from kb.range_syntax import Affected, VersionRange
from kb.records import Place, Report, Section, Text

_FUNCTION_WORDS = [
    "the", "a", "to", "of", "in", "and", "is", "on", "when", "for", "with", "after", "not", "are", "be", "it", "this", "that",
    "by", "from", "or", "as", "at", "an", "may", "which",
]
_ONSETS = [
    "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "br", "cl", "cr", "dr", "fl", "gr", "pl", "pr",
    "sl", "sp", "st", "tr", "ch", "sh",
]
_RIMES = [
    "a", "e", "i", "o", "u", "ab", "ack", "al", "an", "ap", "ar", "at", "ed", "ell", "en", "er", "est", "ide", "in", "ing",
    "ip", "ire", "ock", "oke", "old", "op", "ore", "ort", "ound", "uck", "um", "unt", "ush",
]
_ENDINGS = ("", "", "", "", "s", "ed", "ing", "er", "ion")
_VOCABULARY = 30_000
_PLACE = Place("reports/all.jsonl", 1)
_START = datetime(2012, 1, 1, tzinfo=UTC)


def library(reports: int, seed: int = 1) -> Library:
    """A portal of one product with a thousand releases and this many reports."""
    product = _product()
    made = {report.id: report for report in _reports(reports, product, seed)}
    portal = Portal("Example", "https://support.example.com/", ("en",), (PortalText("Example", "", ()),))
    return Library(portal, Catalogue((product,)), None, (), made, {}, {}, {}, View(datetime(2026, 11, 22, tzinfo=UTC)))


def _product() -> Product:
    trains = [f"{year}.{quarter}" for year, quarter in itertools.product(range(10, 35), range(1, 5))]
    steps = ("R1", "R1-S1", "R1-S2", "R2", "R2-S1", "R2-S2", "R2-S3", "R3", "R3-S1", "R3-S2")
    releases = tuple(ReleaseInfo(train + step, train) for train in trains for step in steps)
    platforms = tuple(Named(f"ar{number}", f"AR{number} routers") for number in range(100, 1300, 50))
    components = tuple(Named(f"component-{number}", f"Component {number}") for number in range(80))
    return Product("exos", "ExOS", "junos", _PLACE, platforms=platforms, components=components, releases=releases)


def vocabulary(choose: random.Random, size: int) -> list[str]:
    """Words by falling frequency: function words first."""
    words = dict.fromkeys(_FUNCTION_WORDS)
    while len(words) < size:
        stem = "".join(choose.choice(_ONSETS) + choose.choice(_RIMES) for _ in range(choose.choice((1, 1, 2, 2, 2, 3))))
        words[stem + choose.choice(_ENDINGS)] = None
    return list(words)


def _reports(count: int, product: Product, seed: int) -> list[Report]:
    choose, draw = random.Random(seed), np.random.default_rng(seed)
    words = vocabulary(choose, min(_VOCABULARY, 500 + 10 * count))
    chances = 1 / np.arange(2, len(words) + 2) ** 1.05
    chances /= chances.sum()
    lengths = draw.integers(70, 170, count)
    drawn = iter(draw.choice(len(words), int(lengths.sum()), p=chances).tolist())
    numbers = sorted(choose.sample(range(1_000_000, 1_900_000), count))
    severities, states = ("critical", "high", "medium", "low"), ("open", "fixed", "closed")
    made = []
    for at, number in enumerate(numbers):
        text = [words[word] for word in itertools.islice(drawn, int(lengths[at]))]
        text.insert(20, choose.choice((f"MOD{choose.randrange(400)}-{choose.randrange(8)}-ERR", f"ge-{choose.randrange(12)}/0/{choose.randrange(48)}",
                                       f"0x{choose.getrandbits(32):08x}", f"{choose.choice(words)}d")))
        train = choose.randrange(len(product.releases) // 10 - 4)
        ranges, fixed = [], []
        for step in range(choose.choice((3, 4, 5))):
            name = product.releases[(train + step) * 10].train
            fix = product.releases[(train + step) * 10 + choose.choice((6, 7, 8, 9))].id
            ranges.append(VersionRange(name, (fix,)))
            fixed.append(fix)
        platforms = tuple(choose.sample([platform.id for platform in product.platforms], choose.choice((1, 1, 2, 3))))
        created = _START + timedelta(minutes=int(at * 7_600_000 / count))
        made.append(Report(
            id=str(number), kind="report", status=choose.choices(states, (20, 60, 20))[0], audience="public", place=_PLACE,
            texts=(_text(text, choose.random() < 0.3),), products=(product.id,), platforms=platforms, created=created,
            updated=created + timedelta(days=choose.randrange(200)), severity=choose.choices(severities, (5, 25, 50, 20))[0],
            component=choose.choice(product.components).id,
            affected=(Affected(product.id, platforms, tuple(ranges), tuple(fixed)),)))
    return made


def _text(words: list[str], workaround: bool) -> Text:
    title = " ".join(words[:9]).capitalize()
    cut = len(words) - (20 if workaround else 0)
    sections = [Section("problem", "", " ".join(words[9:cut]).capitalize() + ".")]
    if workaround:
        sections.append(Section("workaround", "", " ".join(words[cut:]).capitalize() + "."))
    return Text("en", title, title, (), tuple(sections), _PLACE)
