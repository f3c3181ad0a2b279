"""Life cycles and release health: the numbers agree with verdicts taken record by record, and one changed report changes only the
pages of the trains that it touches."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generator.exposure import Exposure
from generator.release_health import MOST_PERIODS, Choice, Standing, TrainHealth, chosen
from kb.library import Library, View
from kb.load import load
from kb.product_status import product_statuses
from kb.products import Product, ReleaseInfo
from kb.records import SEVERITIES, SecurityBulletin, severity_of
from kb.resolve import resolve
from tests.browser.support import CONTENT
from tests.generator.support import AT, build_site, differences, page, report, tree, write, write_site

ELSEWHERE = {"duplicate", "withdrawn", "superseded"}
PRODUCTS = """\
products:
  - id: box
    name: BoxOS
    scheme: dotted
    trains:
      - {id: "1.0", released: 2026-01-10, end_of_engineering: 2026-08-01, end_of_support: 2027-01-01}
      - {id: "2.0", released: 2026-06-01, end_of_support: 2028-01-01, announced: 2026-06-15}
    platforms: [{id: bx1, name: Box 1}]
    components: [{id: web, name: Web}]
    releases:
      - {id: 1.0.0, date: 2026-01-10}
      - {id: 1.0.1, date: 2026-02-10}
      - {id: 1.0.2, date: 2026-05-10}
      - {id: 2.0.0, date: 2026-06-01}
      - {id: 2.0.1, date: 2026-09-01, end_of_support: 2027-06-01}
"""


@pytest.fixture(scope="module")
def library() -> Library:
    """The example portal."""
    found, _findings = resolve(load(CONTENT, ("en", "ru"), None, 1), View(AT))
    assert found
    return found


@pytest.fixture(scope="module")
def exposure(library: Library) -> Exposure:
    return Exposure(library)


def affected(library: Library, product: Product) -> list[tuple[object, set[str]]]:
    """Each record that counts with the known releases of the product that it affects, by the verdicts that CSAF rests on."""
    return [(record, set(status.releases.affected) & product.places.keys()) for record in library.records.values()
            if record.status not in ELSEWHERE for status in product_statuses(record, library.catalogue) if status.product == product]


def test_open_problems_are_those_of_the_verdicts(library: Library, exposure: Exposure) -> None:
    counted = 0
    for product in library.catalogue.products:
        reports, advisories = Counter[tuple[str, str]](), Counter[str]()
        for record, releases in affected(library, product):
            if record.kind == "report":
                reports.update((release, severity_of(record)) for release in releases)
            elif isinstance(record, SecurityBulletin) and record.kind == "advisory":
                advisories.update(releases)
        for health in exposure.health[product.id]:
            for standing in health.releases:
                assert standing.reports == tuple(reports[standing.release, severity] for severity in SEVERITIES)
                assert standing.advisories == advisories[standing.release]
                counted += sum(standing.reports)
    assert counted > 500


def test_problems_over_time_are_those_of_the_verdicts(library: Library, exposure: Exposure) -> None:
    for product in library.catalogue.products:
        found = affected(library, product)
        for health in exposure.health[product.id]:
            opened, fixed = [], []
            order = [product.release(standing.release) for standing in health.releases]
            for record, releases in found:
                own = [at for at, release in enumerate(order) if release and release.id in releases]
                if record.kind != "report" or not own:
                    continue
                opened.append(max(record.created.date(), order[own[0]].date))
                if own[-1] + 1 < len(order):
                    fixed.append(max(opened[-1], order[own[-1] + 1].date))
            for period in health.periods:
                inside = [sum(period.first <= f"{day:%Y-%m}" <= period.last for day in days) for days in (opened, fixed)]
                assert [period.opened, period.fixed] == inside
            assert sum(period.opened for period in health.periods) == len(opened)
            assert health.periods[-1].open == len(opened) - len(fixed) == sum(health.releases[-1].reports)
            assert 1 < len(health.periods) <= MOST_PERIODS


# -- the release to run ------------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


def standing(release: str, critical: int = 0, advisories: int = 0, high: int = 0, low: int = 0) -> Standing:
    return Standing(release, (critical, high, 0, low, 0, 0), advisories)


@pytest.mark.parametrize(("standings", "best"), [
    ([standing("1.0"), standing("1.1")], "1.1"),  # of equals the newest
    ([standing("1.0", high=9), standing("1.1", critical=1)], "1.0"),
    ([standing("1.0", high=9), standing("1.1", advisories=1)], "1.0"),
    ([standing("1.0", low=9), standing("1.1", high=1)], "1.0"),
    ([standing("1.0", low=1), standing("1.1", low=2)], "1.0"),
    ([standing("1.0", critical=1), standing("1.1"), standing("1.2")], "1.1"),  # 1.2 is not out
])
def test_the_release_with_the_fewest_faults(standings: list[Standing], best: str) -> None:
    releases = [ReleaseInfo(item.release, "1", date(2027 if item.release == "1.2" else 2026, 1, 1)) for item in standings]
    choice = chosen(TrainHealth("1", tuple(standings), ()), releases, TODAY)
    assert choice and (choice.standing.release, choice.by_vendor, choice.better) == (best, False, "")


@pytest.mark.parametrize(("own", "other", "better"), [
    (standing("1.0", low=5), standing("1.1"), ""), (standing("1.0", critical=1), standing("1.1"), "1.1"),
    (standing("1.0", advisories=2), standing("1.1", advisories=1, high=7), "1.1"), (standing("1.0"), standing("1.1", critical=1), "")])
def test_the_vendors_word_counts_and_is_not_taken_on_trust(own: Standing, other: Standing, better: str) -> None:
    releases = [ReleaseInfo("1.0", "1", recommended=True), ReleaseInfo("1.1", "1")]
    assert chosen(TrainHealth("1", (own, other), ()), releases, TODAY) == Choice(own, True, better)


def test_nothing_is_recommended_before_anything_is_out() -> None:
    assert chosen(TrainHealth("1", (standing("1.0"),), ()), [ReleaseInfo("1.0", "1", date(2027, 1, 1))], TODAY) is None


# -- pages -------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", {"products.yml": PRODUCTS, "reports/200001.md": report("200001", severity="critical", affected="""
  - {product: box, ranges: [1.0 before 1.0.1]}""")})


@pytest.mark.usefixtures("quick_shell")
def test_pages_say_which_release_to_run_and_why(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "out")
    rows = [row.text(separator=" ", strip=True) for row in page(tmp_path / "out", "lifecycle/").css("tbody tr")]
    assert [row.split(" ")[0] for row in rows] == ["2.0", "1.0"]
    assert ("Fewest critical problems and advisories of its train. "
            "Open in it: 0 critical problems, 0 security advisories, 0 problems in all.") in rows[0]
    train = page(tmp_path / "out", "lifecycle/box/1.0/")
    first = train.css("tbody tr")[2]
    assert first.css_first("th").text(strip=True) == "1.0.0"
    assert first.css("td")[1].css_first("a").attributes["href"] == "../../../pr/?severity=critical&product=box&affects=1.0.0"
    assert [chart.css_first("title").text() for chart in train.css("svg.wp-chart")] == [
        "Open problems by severity in each release of BoxOS 1.0", "Problems opened and fixed in BoxOS 1.0 over time, in all"]


@pytest.mark.usefixtures("quick_shell")
def test_a_report_changes_the_pages_of_its_trains_only(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "before")
    build_site(site, tmp_path / "out", tmp_path / "cache")
    write(site, "reports/200002.md", report("200002", severity="low", affected="\n  - {product: box, ranges: [2.0.0 through 2.0.0]}"))
    build_site(site, tmp_path / "out", tmp_path / "cache")
    build_site(site, tmp_path / "clean")
    assert differences(tmp_path / "out", tmp_path / "clean") == []
    changed = [path for path in differences(tmp_path / "before", tmp_path / "out") if "lifecycle/" in path or "end-dates" in path]
    assert changed == ["lifecycle/box/2.0/index.html", "ru/lifecycle/box/2.0/index.html"]


@pytest.mark.usefixtures("quick_shell")
def test_what_nobody_may_see_counts_nowhere(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "before")
    for number, fields in (("200003", {"status": "draft"}), ("200004", {"publish_at": "2027-01-01T00:00:00Z"}), ("200005", {"audience": "internal"})):
        write(site, f"reports/{number}.md", report(number, severity="critical", **fields))
    build_site(site, tmp_path / "after")
    assert differences(tmp_path / "before", tmp_path / "after") == []


@pytest.mark.usefixtures("quick_shell")
def test_the_clock_changes_nothing_but_what_is_out(site: Path, tmp_path: Path) -> None:
    for name, at in (("early", datetime(2026, 10, 1, tzinfo=UTC)), ("late", datetime(2031, 10, 1, tzinfo=UTC))):
        build_site(site, tmp_path / name, at=at)
    assert [path for path in differences(tmp_path / "early", tmp_path / "late") if "lifecycle" in path or "end-dates" in path] == []
    build_site(site, tmp_path / "before", at=datetime(2026, 8, 1, tzinfo=UTC))
    assert "2.0.1" not in page(tmp_path / "before", "lifecycle/box/").css_first("tbody tr").text()


@pytest.mark.usefixtures("quick_shell")
def test_a_product_without_dates_has_pages_and_no_calendar(site: Path, tmp_path: Path) -> None:
    write(site, "products/lid.yml", "id: lid\nname: LidOS\nscheme: dotted\nreleases: [{id: 1.0.0}]\n")
    write(site, "products/hinge.yml", "id: hinge\nname: Hinge\nscheme: dotted\ntrains: [{id: '3.0', released: 2030-01-01}]\n")
    build_site(site, tmp_path / "out")
    paths = [path.removeprefix("lifecycle/") for path in tree(tmp_path / "out") if path.startswith("lifecycle/")]
    assert paths == ["box/1.0/index.html", "box/2.0/index.html", "box/end-dates.ics", "box/index.html", "end-dates.ics",
                     "hinge/3.0/index.html", "hinge/index.html", "index.html", "lid/1.0/index.html", "lid/index.html"]
    assert page(tmp_path / "out", "lifecycle/lid/1.0/").css("svg.wp-chart") == []
    assert ".ics" not in page(tmp_path / "out", "lifecycle/lid/").body.html
