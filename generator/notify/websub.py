"""Tells WebSub hubs which feeds have changed (W3C WebSub, section 7; the form is that of PubSubHubbub 0.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import msgspec

from generator.notify.sending import without_addresses
from generator.notify.state import State

TIMEOUT = 15.0  # seconds
_ENDINGS = frozenset({".atom", ".rss", ".xml", ".json"})


class Pings(msgspec.Struct, frozen=True):
    """How many feeds all hubs were told of, and why others wait for the next run."""

    told: int
    troubles: tuple[str, ...] = ()


def ping_hubs(state: State, folder: Path, languages: Iterable[str], url: str, hubs: Sequence[str], connections: int) -> Pings:
    """Tells each hub of each feed that is not as the last run saw it. The first run only looks."""
    known = state.feeds()
    now = dict(_feeds(folder, languages, known))
    first = not state.fact("feeds")
    changed = [] if first else [path for path, (sha256, _stamp) in now.items() if path not in known or known[path][0] != sha256]
    with ThreadPoolExecutor(connections) as pool:
        outcomes = [*pool.map(partial(_ping, hubs, url), changed)]
    failed = {path: reason for path, reason in zip(changed, outcomes, strict=True) if reason}
    state.keep_feeds({path: facts for path, facts in now.items() if path not in failed}, known.keys() - now.keys())
    state.keep_fact("feeds", "seen")
    return Pings(len(changed) - len(failed), tuple(f"{path}: {reason}" for path, reason in failed.items()))


def _feeds(folder: Path, languages: Iterable[str], known: dict[str, tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """(SHA-256, stamp) of each feed; one with the stamp of the last run is not read."""
    for top in ("feeds", *(f"{language}/feeds" for language in languages)):
        for file in sorted((folder / top).rglob("*")):
            if file.suffix in _ENDINGS:
                path, found = file.relative_to(folder).as_posix(), file.stat()
                stamp = f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"
                before = known.get(path)
                yield path, before if before and before[1] == stamp else (hashlib.sha256(file.read_bytes()).hexdigest(), stamp)


def _ping(hubs: Sequence[str], url: str, path: str) -> str:
    """Why a hub did not take it; empty where all did."""
    data = urlencode({"hub.mode": "publish", "hub.url": url + quote(path)}).encode()
    for hub in hubs:
        try:
            with urlopen(Request(hub, data, {"User-Agent": "waypost-notify"}), timeout=TIMEOUT):
                pass
        except HTTPError as error:
            return f"the hub answered {error.code}"
        except (OSError, ValueError) as error:
            return f"the hub cannot be reached: {without_addresses(str(error))}"
    return ""
