"""Release health: which faults are open in each release, how reports of each train were opened and fixed over time, and which
release of a train is the one to run.

All of it rests on the verdicts that ``waypost affected`` gives. A fault is open in a release that its report affects. In a train
it is opened on the day of its report, or of the first release that has it where that came later, and fixed on the day of the
first release after the last one that it affects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from kb.products import Product, ReleaseInfo
from kb.records import SEVERITIES, Kind

MOST_PERIODS = 24
_STEPS = (1, 3, 6, 12, 24, 60)  # months of a period
_CRITICAL, _HIGH = SEVERITIES.index("critical"), SEVERITIES.index("high")
_Days = NDArray[np.int64]


class Exposed(Protocol):
    """What is asked of ``generator.exposure.Exposure``."""

    @property
    def days(self) -> tuple[_Days, _Days]: ...
    def by_severity(self, product: Product, release: str, kind: Kind) -> tuple[int, ...]: ...
    def ranks(self, product: Product, release: str, kind: Kind) -> NDArray[np.uint32]: ...


class Standing(msgspec.Struct, frozen=True):
    """What is open in a release: problem reports in the order of SEVERITIES, and security advisories."""

    release: str
    reports: tuple[int, ...]
    advisories: int

    @property
    def critical(self) -> int:
        return self.reports[_CRITICAL]

    @property
    def urgent(self) -> tuple[int, int]:
        """What a choice rests on first."""
        return self.critical, self.advisories

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """The less, the better: critical reports, advisories, reports of high severity, all reports."""
        return *self.urgent, self.reports[_HIGH], sum(self.reports)


class Period(msgspec.Struct, frozen=True):
    """Reports of a train that were opened and fixed from one month to another, both ``YYYY-MM``, and open at the end."""

    first: str
    last: str
    opened: int
    fixed: int
    open: int


class TrainHealth(msgspec.Struct, frozen=True):
    """A train with its releases from old to new."""

    train: str
    releases: tuple[Standing, ...]
    periods: tuple[Period, ...]


class Choice(msgspec.Struct, frozen=True):
    """The release of a train to run; ``by_vendor`` where products.yml recommends it. ``better`` is a release in which fewer
    critical reports and advisories are open than in the vendor's choice, empty for none."""

    standing: Standing
    by_vendor: bool
    better: str = ""


def release_health(exposed: Exposed, product: Product) -> tuple[TrainHealth, ...]:
    """The trains of a product that have releases, from old to new."""
    trains: defaultdict[str, list[ReleaseInfo]] = defaultdict(list)
    for release in product.releases:
        trains[release.train].append(release)
    return tuple(
        TrainHealth(train, tuple(Standing(release.id, exposed.by_severity(product, release.id, "report"),
                                          len(exposed.ranks(product, release.id, "advisory"))) for release in releases),
                    _periods(*_opened_and_fixed(exposed, product, releases)))
        for train, releases in trains.items())


def chosen(health: TrainHealth, releases: Sequence[ReleaseInfo], today: date) -> Choice | None:
    """The newest release of the train that the vendor recommends, else the best of those that are out; None where none is."""
    out = {release.id: release for release in releases if not release.date or release.date <= today}
    known = [standing for standing in health.releases if standing.release in out]
    if not known:
        return None
    best = min(reversed(known), key=lambda standing: standing.weight)  # of equals the newest
    own = next((standing for standing in reversed(known) if out[standing.release].recommended), None)
    if own is None:
        return Choice(best, False)
    return Choice(own, True, best.release if best.urgent < own.urgent else "")


def _opened_and_fixed(exposed: Exposed, product: Product, releases: Sequence[ReleaseInfo]) -> tuple[_Days, _Days]:
    """Days on which the reports that affect a train were opened, and on which those were fixed that are. A train inherits faults:
    one that was known before counts from the first release that has it."""
    created, updated = exposed.days
    first, last = np.full((2, len(created)), -1, np.int64)
    found = [exposed.ranks(product, release.id, "report") for release in releases]
    for place, ranks in enumerate(found):
        last[ranks] = place
        first[found[-1 - place]] = len(found) - 1 - place
    members = np.flatnonzero(last >= 0)
    out = np.array([*_days_out(releases), 0], np.int64)
    opened = np.maximum(created[members], out[first[members]])
    is_fixed = last[members] + 1 < len(releases)
    fixed = out[last[members] + 1][is_fixed]
    fixed = np.where(fixed > 0, fixed, updated[members[is_fixed]])
    return opened, np.maximum(fixed, opened[is_fixed])


def _days_out(releases: Sequence[ReleaseInfo]) -> list[int]:
    """The day of each release; of one without a date that of the next that has one, 0 where none has."""
    days, following = [], 0
    for release in reversed(releases):
        following = release.date.toordinal() if release.date else following
        days.append(following)
    return days[::-1]


def _periods(opened: _Days, fixed: _Days) -> tuple[Period, ...]:
    """From the first event to the last, in at most MOST_PERIODS months, quarters, half-years or years."""
    if not len(opened):
        return ()
    months = [_months(days) for days in (opened, fixed)]
    every = np.concatenate(months)
    low, high = int(every.min()), int(every.max())
    step = next((step for step in _STEPS if high // step - low // step < MOST_PERIODS), _STEPS[-1])
    base, count = low // step, high // step - low // step + 1
    in_each = [np.bincount(found // step - base, minlength=count) for found in months]
    still = np.cumsum(in_each[0] - in_each[1])
    return tuple(
        Period(_month((base + place) * step), _month((base + place + 1) * step - 1), int(in_each[0][place]),
               int(in_each[1][place]), int(still[place]))
        for place in range(count))


def _months(days: _Days) -> _Days:
    """Months since the year 1 of days as ``toordinal`` counts them."""
    since_1970 = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]")
    return since_1970.astype(np.int64) + 1969 * 12


def _month(number: int) -> str:
    year, month = divmod(number, 12)
    return f"{year + 1:04d}-{month + 1:02d}"
