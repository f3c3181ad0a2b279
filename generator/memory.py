"""What has been worked out once and will be asked for again."""

from __future__ import annotations

from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memory(dict[_Key, _Value]):
    """A dictionary of at most ``most`` answers, which forgets all of them when it is full.

    It asks for nothing but a cheap key; ``functools.lru_cache`` would hash whole products and records.
    """

    def __init__(self, most: int = 20_000) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _Key, value: _Value) -> _Value:
        """The value, which is from now on the answer to the key."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value
