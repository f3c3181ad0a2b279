"""What the browser needs to tell whether a release is affected: the verdicts of a bulletin as steps (kb.verdict_steps).

    {"reasons": ["in train 21.4, before 21.4R3-S5", ...],
     "products": [{"id", "name", "scheme", "example", "platforms": [[id, name, number of its steps], ...], "any": number of steps,
                   "steps": [[[first key, status, number of reason], ...], ...]}]}

Reasons are in the page's language. ``any`` are the steps over all platforms. ``waypost affected`` gives the same answers.
"""

from __future__ import annotations

import json
from typing import Any

from generator.edition import Edition
from kb.products import Product
from kb.ranges import Compiled, compile_affected
from kb.records import AnyRecord, SecurityBulletin
from kb.verdict_steps import verdict_steps
from prsearch.documents import ELSEWHERE

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_EXAMPLES = {"junos": "21.4R3-S5", "dotted": "5.11.1", "semver": "1.4.0"}
_CODES = {"affected": "a", "fixed": "f", "not_affected": "n", "unknown": "u"}


def checker_data(edition: Edition, record: AnyRecord) -> str:
    """JSON that is safe inside a script element; empty where there is nothing to ask."""
    if not isinstance(record, SecurityBulletin) or record.status in ELSEWHERE:
        return ""
    reasons: dict[str, int] = {}
    products = [_product(edition, product, record, reasons) for name in dict.fromkeys(entry.product for entry in record.affected)
                if (product := edition.library.catalogue.find(name))]
    if not products:
        return ""
    return _ENCODER.encode({"reasons": [*reasons], "products": products}).replace("<", "\\u003c")


def _product(edition: Edition, product: Product, record: SecurityBulletin, reasons: dict[str, int]) -> dict[str, Any]:
    compiled = compile_affected(record.affected, product.id, product.scheme)
    found: list[Any] = []

    def steps(platform: str | None) -> int:
        made = _steps(edition, product, compiled, platform, reasons)
        if made not in found:
            found.append(made)
        return found.index(made)

    anywhere = steps(None)
    platforms = [[platform.id, platform.name_in(edition.language), steps(platform.id)] for platform in product.platforms]
    known = [release.id for release in product.releases]
    return {"id": product.id, "name": product.name_in(edition.language), "scheme": product.scheme,
            "example": known[-1] if known else _EXAMPLES[product.scheme], "platforms": platforms, "any": anywhere, "steps": found}


def _steps(edition: Edition, product: Product, compiled: Compiled, platform: str | None, reasons: dict[str, int]) -> list[Any]:
    found: list[Any] = []
    for key, verdict in verdict_steps(compiled, platform):
        reason = verdict.reason.render(edition.say, lambda names: edition.joined(product, tuple(names)))
        step = [_CODES[verdict.status], reasons.setdefault(reason, len(reasons))]
        if not found or found[-1][1:] != step:
            found.append([key, *step])
    return found
