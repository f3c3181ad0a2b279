"""Documents that somebody has damaged."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st


def with_a_change(document: Any, data: st.DataObject, values: st.SearchStrategy[Any]) -> Any:
    """A copy with another value in any one place, however deep."""
    made: Any = copy.deepcopy(document)
    target = made
    while True:
        name = data.draw(st.sampled_from(sorted(target) if isinstance(target, dict) else range(len(target))))
        if not isinstance(target[name], dict | list) or not target[name] or data.draw(st.integers(0, 3)) == 0:
            target[name] = data.draw(values)
            return made
        target = target[name]
