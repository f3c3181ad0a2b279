"""Affected releases out of CVE records: one item of ``affected`` (CVE Record Format 5.1, cna container) is one entry.

``versionType`` is not read: vendors name a scheme there that their versions do not follow. The product knows better.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kb.range_syntax import Affected, Status, VersionRange, build_range
from kb.releases import ReleaseError, parse_bound

_UNBOUNDED = frozenset({"*", "unspecified"})
"""What ``lessThan`` holds when a range has no end; the latter comes from records of the older format."""


class _Change(msgspec.Struct, frozen=True):
    at: str
    status: Status


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    version: str
    status: Status = "affected"
    less_than: str = ""
    less_than_or_equal: str = ""
    changes: tuple[_Change, ...] = ()


class _Item(msgspec.Struct, frozen=True, rename="camel"):
    default_status: Status | None = None
    platforms: tuple[str, ...] = ()
    versions: tuple[_Version, ...] = ()


def affected_from_cve(item: Mapping[str, object], product: str, scheme: str) -> Affected:
    """The entry for one item of a CVE record's ``affected``; ``ReleaseError`` names the value that cannot be read.

    A missing ``defaultStatus`` counts as ``unaffected``: the records without one list every affected train.
    """
    try:
        found = msgspec.convert(item, _Item)
    except msgspec.ValidationError as error:
        raise ReleaseError(f"cannot be read: {error}", "compare it with the CVE Record Format 5.1", product) from None
    ranges = [_range(version, scheme) for version in found.versions]
    if not any(version.status != "unaffected" for version in ranges) and found.default_status == "unaffected":
        # The record is about the product and calls no release affected: that is said, not left open.
        ranges.append(VersionRange(status="unaffected", text="all"))
    names = (name.strip() for joined in found.platforms for name in joined.replace(";", ",").split(","))
    return Affected(product=product, platforms=tuple(dict.fromkeys(name for name in names if name)),
                    ranges=tuple(entry for entry in ranges if entry.status != "unaffected"),
                    unaffected=tuple(entry for entry in ranges if entry.status == "unaffected"),
                    default_status=found.default_status or "unaffected")


def _range(version: _Version, scheme: str) -> VersionRange:
    ends = [end for end in (version.less_than, version.less_than_or_equal) if end.strip()]
    if len(ends) > 1:
        raise ReleaseError(f"has two ends, '{ends[0]}' and '{ends[1]}'", "keep one of them", version.version)
    unbounded = bool(ends) and ends[0].strip().casefold() in _UNBOUNDED
    before = "" if unbounded else version.less_than
    through = "*" if unbounded else version.less_than_or_equal
    start = _mended_start(version.version, before, scheme)
    text = version.version + (f" {'before' if version.less_than else 'through'} {ends[0]}" if ends else "")
    return build_range(start, before, through, scheme, status=version.status, text=text,
                       changes=[(change.at, change.status) for change in version.changes])


def _mended_start(start: str, before: str, scheme: str) -> str:
    """The start, or the end's train where the end lies in an older train.

    Such an item (CVE-2023-36850 has "21.2" before "21.1R3-S5") names the wrong train in one place. Read as written, it
    would cover nothing and the train of its fix would pass for not affected.
    """
    try:
        low = parse_bound(start, scheme)
        ends = [parse_bound(end, scheme) for end in before.replace(",", " ").split()]
    except ReleaseError:
        return start  # open, or reported by the caller with its place
    if low.kind == "train" and ends and all(end.family and end.family < low.family for end in ends):
        return ends[-1].train
    return start
