"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Is told (stage, done, of): at the start of each stage with ``of`` 0, and as often as there is something to count."""


def quiet(stage: str, done: int, total: int) -> None:
    """A report to nobody."""
