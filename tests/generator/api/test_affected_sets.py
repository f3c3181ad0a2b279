"""The affected sets give the answers of ``waypost affected``: the same records, for the same reasons, on each platform and none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from generator.api.affected_sets import AffectedSet, affected_set
from generator.edition import Edition
from generator.exposure import Exposure
from generator.network.matching import Matcher, reason_text
from generator.scaffold import init_site
from kb.importers import run_import
from kb.library import View
from kb.load import load
from kb.products import Product
from kb.resolve import resolve
from kb.train_questions import trains_of
from prsearch.documents import ELSEWHERE
from prsearch.releases import affected

CONTENT = Path(__file__).resolve().parents[3] / "content"
SOURCES = (("cve", "juniper-cve"), ("known-issues", "cumulus-issues/issues.jsonl"))


def editions_of(site: Path) -> list[Edition]:
    library, findings = resolve(load(site, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert library is not None, findings
    exposure = Exposure(library)
    return [Edition(library, language, exposure) for language in library.portal.languages]


def sets_of(editions: Sequence[Edition], product: Product) -> dict[str, AffectedSet]:
    """The affected sets of a product, as a program reads them."""
    exposure, ordinals = editions[0].exposure, editions[0].library.ordinals
    found = {}
    for train, stretches in trains_of(product).items():
        heads = [exposure.ranked[rank] for rank in exposure.affecting(product, stretches).tolist()]
        own = [head for head in heads if head.status not in ELSEWHERE]
        made = affected_set(editions, product, train, sorted(own, key=lambda head: ordinals[head.key]))
        found[train] = msgspec.json.decode(msgspec.json.encode(made), type=AffectedSet)
    return found


def from_sets(edition: Edition, product: Product, found: AffectedSet, release: str, platform: str | None) -> dict[str, str]:
    names = {item.id: item.name_in(edition.language) for item in product.platforms}
    matches = Matcher(found).matches(release, platform)
    return {match.id: reason_text(match, found.reasons[edition.language], names, edition.say, lambda some: edition.speaker.both(tuple(some)))
            for match in matches}


def from_command(edition: Edition, product: Product, release: str, platform: str | None) -> dict[str, str]:
    return {hit.record.id: hit.verdict.reason.render(edition.say, lambda names: edition.joined(product, tuple(names)))
            for hit in affected(edition.library, product, release, platform)}


def differences(editions: Sequence[Edition], most: int) -> Iterator[object]:
    """Questions with different answers, of ``most`` releases of each product on each platform."""
    library, random = editions[0].library, Random(11)
    for product in library.catalogue.products:
        sets = sets_of(editions, product)
        releases = random.sample(product.releases, min(most, len(product.releases)))
        for release in releases:
            for platform in (None, *random.sample([item.id for item in product.platforms], min(4, len(product.platforms)))):
                for edition in editions:
                    one = from_sets(edition, product, sets[release.train], release.id, platform)
                    other = from_command(edition, product, release.id, platform)
                    if one != other:
                        yield product.id, release.id, platform, edition.language, {
                            name: (one.get(name), other.get(name)) for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def test_the_example_portal() -> None:
    editions = editions_of(CONTENT)
    assert [*differences(editions, 100)] == []
    assert any(from_command(editions[0], product, release.id, None) for product in editions[0].library.catalogue.products
               for release in product.releases)


@pytest.mark.slow
def test_real_records(shared_data: Path, tmp_path: Path) -> None:
    init_site(tmp_path)
    for form, source in SOURCES:
        run_import(form, shared_data / source, tmp_path)
    editions = editions_of(tmp_path)
    assert len(editions[0].library.heads) > 200
    assert [*differences(editions[:1], 4)] == []
