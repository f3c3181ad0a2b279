"""The catalogue of weaknesses (CWE): names, and how each may be used for a vulnerability. Its data and their licence stand in
``cwe.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from kb.fields import Wrong, pattern
from kb.findings import nearest

Use = Literal["allowed", "allowed-with-review", "discouraged", "prohibited", "deprecated", "category", "view"]

_parse_form = pattern(r"CWE-[1-9]\d{0,4}", "CWE id", "write CWE-787")


class Weakness(msgspec.Struct, frozen=True):
    """An entry of the catalogue; ``use`` is MITRE's note on mapping, or what the entry is besides a weakness."""

    id: str
    name: str
    use: Use

    @property
    def is_weakness(self) -> bool:
        """Whether it is no category and no view; CSAF takes nothing else."""
        return self.use not in {"category", "view"}

    @property
    def doubt(self) -> str:
        """Why it says little of a vulnerability, empty where nothing is wrong with it."""
        return {"category": "is a category, not a weakness", "view": "is a view, not a weakness", "deprecated": "is deprecated",
                "prohibited": "is too general to describe a vulnerability"}.get(self.use, "")


def weakness(cwe_id: str) -> Weakness | None:
    """The entry with an id such as ``CWE-787``."""
    return _catalogue().get(cwe_id)


def parse_cwe(text: str) -> str:
    """Id of an entry of the catalogue; raises Wrong."""
    name = _parse_form(text)
    if name in _catalogue():
        return name
    guess = nearest(name, (item.id for item in _catalogue().values() if not item.doubt))
    raise Wrong("is not in the CWE catalogue", f"did you mean {guess} ({_catalogue()[guess].name})?" if guess else
                "look it up at https://cwe.mitre.org/")


@cache
def _catalogue() -> Mapping[str, Weakness]:
    text = files("kb").joinpath("cwe.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {f"CWE-{number}": Weakness(f"CWE-{number}", name, use) for number, use, name in rows}  # type: ignore[arg-type]
