"""Releases: how their names are read, printed and ordered, and to which train each belongs.

A product names its scheme. Each scheme turns a name into a key, a flat tuple of numbers, so that releases of one
product line compare as their keys do:

* ``junos``: ``21.4R3-S5``, respin ``21.4R3-S7.9``, ``21.4R1-EVO``, ``15.1X49-D240``. Key: major, minor, X, R or D, S,
  respin.
* ``dotted``: two to six numbers, ``5.11.1``, ``3.7.14.2``. Key: the numbers, filled up with zeros.
* ``semver``: ``1.4.0-rc.1``, ordered as Semantic Versioning 2.0.0, section 11, says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, TypeGuard

import msgspec

Key: TypeAlias = tuple[int, ...]

TOP: Final = 10**10
"""Above every number of a key: ``prefix + (TOP,)`` stands after everything that begins with the prefix."""

_DOTTED_LENGTH: Final = 6
_NUMBER: Final = r"(?:0|[1-9][0-9]{0,8})"
_COUNT: Final = r"[1-9][0-9]{0,8}"
_JUNOS: Final = re.compile(
    rf"({_NUMBER})(?:\.({_NUMBER})(?:X({_COUNT}))?(?:(R|-D)({_COUNT})(?:-S({_COUNT}))?(?:\.({_COUNT}))?)?)?(-EVO)?",
    re.ASCII | re.IGNORECASE)
_DOTTED: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}", re.ASCII)
_SEMVER: Final = re.compile(
    rf"({_NUMBER})(?:\.({_NUMBER})(?:\.({_NUMBER})(?:-([0-9A-Za-z.-]{{1,100}}))?(\+[0-9A-Za-z.-]{{1,100}})?)?)?",
    re.ASCII)


class ReleaseError(ValueError):
    """A release, train or range that cannot be read: the message says why, ``remedy`` what to write.

    The message continues the ``value``: ``'21.4R' is not a release``.
    """

    def __init__(self, reason: str, remedy: str, value: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.value = value


class Release(msgspec.Struct, frozen=True, eq=False):
    """One release of a product line. Equality, hash and order look at the key alone.

    So ``-EVO`` and build metadata, which do not order releases, do not tell them apart either: a product either is of
    the EVO kind or is not, and its records leave the suffix out at will.
    """

    scheme: str
    key: Key
    text: str
    train: str

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Release) and (self.scheme, self.key) == (other.scheme, other.key)

    def __hash__(self) -> int:
        return hash((self.scheme, self.key))

    # All four by hand: functools.total_ordering adds nothing to a msgspec structure, which has them from its base.
    def __lt__(self, other: object) -> bool:
        return self.key < other.key if self._comparable(other) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.key <= other.key if self._comparable(other) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.key > other.key if self._comparable(other) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.key >= other.key if self._comparable(other) else NotImplemented

    def _comparable(self, other: object) -> TypeGuard[Release]:
        return isinstance(other, Release) and self.scheme == other.scheme


class Bound(msgspec.Struct, frozen=True):
    """A place in the order of releases: all keys that begin with ``prefix`` belong to it.

    A release without a respin holds its respins, a train its releases, ``21.*`` all trains of 21. ``family`` is the
    train's prefix, empty where the bound belongs to no single train; ``train`` is its name.
    """

    kind: Literal["release", "train", "wildcard"]
    prefix: Key
    family: Key
    train: str
    text: str


class _Reading(msgspec.Struct, frozen=True):
    """What a scheme makes of a text.

    ``given`` holds the numbers that were written (none for a pre-release: it is no stem of anything), ``exact`` those
    that name the release, ``key`` all of them; the last two are empty where the text is no release.
    """

    given: Key
    text: str
    train: str = ""
    exact: Key = ()
    key: Key = ()


class _Scheme(msgspec.Struct, frozen=True):
    read: Callable[[str], _Reading | None]
    family: int  # how many numbers of a key name the train
    releases: str  # examples for messages
    trains: str


def _read_junos(text: str) -> _Reading | None:
    match = _JUNOS.fullmatch(text)
    if not match:
        return None
    major, minor, special, letter, number, service, respin = match.group(1, 2, 3, 4, 5, 6, 7)
    suffix = "-EVO" if match[8] else ""
    if minor is None:
        return _Reading((int(major),), major + suffix)
    family = (int(major), int(minor), int(special or 0))
    train = f"{major}.{minor}" + (f"X{special}" if special else "")
    if letter is None:
        return _Reading(family, train + suffix, train + suffix)
    if (letter == "-D" or letter == "-d") != bool(special):
        return None
    given = family + tuple(int(part) for part in (number, service, respin) if part)
    base = (*family, int(number), int(service or 0))
    text = train + letter.upper() + number + (f"-S{service}" if service else "") + (f".{respin}" if respin else "")
    return _Reading(given, text + suffix, train + suffix, (*base, int(respin)) if respin else base,
                    (*base, int(respin or 0)))


def _read_dotted(text: str) -> _Reading | None:
    if not _DOTTED.fullmatch(text):
        return None
    parts = text.split(".")
    given = tuple(int(part) for part in parts)
    if len(given) == 1:
        return _Reading(given, text)
    key = given + (0,) * (_DOTTED_LENGTH - len(given))
    return _Reading(given, text, ".".join(parts[:2]), key, key)


def _read_semver(text: str) -> _Reading | None:
    match = _SEMVER.fullmatch(text)
    if not match:
        return None
    numbers = [part for part in match.group(1, 2, 3) if part is not None]
    given = tuple(int(part) for part in numbers)
    train = ".".join(numbers[:2]) if len(numbers) > 1 else ""
    if len(given) < 3:
        return _Reading(given, text, train)
    before = _prerelease(match[4])
    build = (match[5] or "+0")[1:].split(".")
    if before is None or "" in build:
        return None
    key = given + before
    return _Reading(() if match[4] else given, text, train, key, key)


def _prerelease(text: str | None) -> Key | None:
    """The pre-release part of a key, None where an identifier breaks the rules of Semantic Versioning 2.0.0, section 9.

    Identifiers become numbers: 1 and the value for a number, 2 and the characters for a word, which end with -1; 0 ends
    the list. So numbers precede words and a shorter list precedes a longer one. A finished version has a 1 instead.
    """
    if text is None:
        return (1,)
    key = [0]
    for identifier in text.split("."):
        if not identifier or (identifier.isdigit() and (len(identifier) > 9 or str(int(identifier)) != identifier)):
            return None
        key += [1, int(identifier)] if identifier.isdigit() else [2, *identifier.encode("ascii"), -1]
    return (*key, 0)


_SCHEMES: Final[Mapping[str, _Scheme]] = MappingProxyType({
    "junos": _Scheme(_read_junos, 3, "21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240", "21.4, 21.4-EVO or 15.1X49"),
    "dotted": _Scheme(_read_dotted, 2, "5.11.1 or 3.7.14.2", "5.11"),
    "semver": _Scheme(_read_semver, 2, "1.4.0 or 1.4.0-rc.1", "1.4"),
})

SCHEMES: Final[tuple[str, ...]] = tuple(_SCHEMES)
"""Names of the schemes that ``products.yml`` may give."""


def _scheme(name: str) -> _Scheme:
    if name not in _SCHEMES:
        raise ReleaseError("is not a release scheme", f"write one of {', '.join(SCHEMES)}", name)
    return _SCHEMES[name]


def family_length(scheme: str) -> int:
    """How many numbers of a key name the train."""
    return _scheme(scheme).family


@lru_cache(maxsize=1 << 16)
def parse_release(text: str, scheme: str) -> Release:
    """The release that the text names; ``ReleaseError`` when it names none."""
    rules = _scheme(scheme)
    reading = rules.read(text.strip())
    if reading is None or not reading.key:
        reason = "is a train, not a release" if reading and reading.train else "is not a release"
        raise ReleaseError(reason, f"write it like {rules.releases}", text)
    return Release(scheme, reading.key, reading.text, reading.train)


@lru_cache(maxsize=1 << 12)
def parse_train(text: str, scheme: str) -> str:
    """The train's name as ``Release.train`` has it; ``ReleaseError`` when the text names no train."""
    rules = _scheme(scheme)
    reading = rules.read(text.strip())
    if reading is None or len(reading.given) != rules.family or not reading.train:
        reason = "is a release, not a train" if reading and reading.key else "is not a train"
        raise ReleaseError(reason, f"write it like {rules.trains}", text)
    return reading.train


@lru_cache(maxsize=1 << 16)
def parse_bound(text: str, scheme: str) -> Bound:
    """The end of a range: a release, a train, or a wildcard such as ``21.1*``, ``21.1*-EVO``, ``21.*`` and ``*``."""
    rules = _scheme(scheme)
    stem, star, rest = text.strip().partition("*")
    if star:
        return _wildcard(rules, stem, rest, text)
    reading = rules.read(stem)
    if reading is None or not reading.train:
        raise ReleaseError("is neither a release nor a train",
                           f"write it like {rules.releases}, or a train: {rules.trains}", text)
    if len(reading.given) == rules.family:
        return Bound("train", reading.given, reading.given, reading.train, reading.text)
    return Bound("release", reading.exact, reading.exact[:rules.family], reading.train, reading.text)


def _wildcard(rules: _Scheme, stem: str, rest: str, text: str) -> Bound:
    trimmed = stem.rstrip(".-")
    reading = rules.read(trimmed + rest) if trimmed else _Reading((), "")
    if reading is None or rest.upper() not in ("", "-EVO") or (not reading.given and (trimmed or rest)):
        raise ReleaseError("is not a wildcard", f"write a train and a star: {rules.trains.split(',')[0]}*", text)
    family = reading.given[:rules.family] if len(reading.given) >= rules.family else ()
    return Bound("wildcard", reading.given, family, reading.train if family else "", stem + "*" + rest.upper())


class ReleaseOrder(msgspec.Struct, frozen=True, eq=False):
    """Known releases from old to new; the three run in parallel. One equals itself alone, so it can be a key at no cost."""

    names: tuple[str, ...]
    releases: tuple[Release, ...]
    keys: tuple[Key, ...]


def release_order(names: Iterable[str], scheme: str) -> ReleaseOrder:
    """The releases in order; raises ReleaseError."""
    found = sorted((parse_release(name, scheme).key, name) for name in names)
    return ReleaseOrder(tuple(name for _, name in found), tuple(parse_release(name, scheme) for _, name in found),
                        tuple(key for key, _ in found))
