"""CVSS in CSAF 2.0: ``cvss_v3`` holds one vector a product; what has no place there becomes a note (section 3.2.3.13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvss import CVSS3

from kb.records import Score


def placed(scores: Sequence[Score]) -> tuple[Score | None, list[Score]]:
    """The score that stands as such, the worst of the newest 3.x version, and all others.

    CSAF 2.0 knows no CVSS 4.0; CSAF 2.1 does, and then this is the place to say so.
    """
    main = max((score for score in scores if score.version.startswith("3.")), key=lambda score: (score.version, score.score),
               default=None)
    return main, [score for score in scores if score is not main]


def score_json(score: Score) -> dict[str, Any]:
    """``cvss_v3`` of a vector, with all metrics that it names (FIRST's JSON schema of its version)."""
    return dict(CVSS3(score.vector).as_json(sort=True, minimal=True))
