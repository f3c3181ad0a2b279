"""Pictures and attachments that records link to: found beside the record, measured, hashed."""

from __future__ import annotations

import hashlib
import posixpath
import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import msgspec
from PIL import Image

from kb.findings import Finding, shorten

MAX_BYTES = 50_000_000
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
FILES = PICTURES | frozenset({
    ".pdf", ".txt", ".log", ".csv", ".json", ".xml", ".yml", ".yaml", ".conf", ".cfg", ".ini", ".mib", ".py", ".sh", ".slax",
    ".zip", ".gz", ".tgz", ".bz2", ".xz", ".pcap", ".pcapng", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".asc",
})


_ACTIVE = ("{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}")


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes into the portal: path in the site, name with a content hash, bytes, pixels (0: no picture)."""

    path: str
    name: str
    size: int
    width: int = 0
    height: int = 0


def attachment_path(file: str, target: str) -> str | None:
    """Path in the site of a relative link target in a file, or None where the target is an address, a path from the root or
    leaves the file's folder."""
    target = unquote(target.split("#")[0].split("?")[0])
    if not target or ":" in target or target.startswith("/") or "\\" in target:
        return None
    folder = posixpath.dirname(file)
    path = posixpath.normpath(posixpath.join(folder, target))
    return path if PurePosixPath(path).is_relative_to(folder) else None


def load_attachments(root: Path, links: Iterable[tuple[str, int, str]], findings: list[Finding]) -> dict[str, Attachment]:
    """The files that links (file, line, target) lead to, by path in the site; a dangling or unsafe link is a finding."""
    found: dict[str, Attachment] = {}
    for file, line, target in links:
        if problem := _add(root, attachment_path(file, target), found):
            findings.append(Finding(file, line, "link", shorten(unquote(target)), *problem))
    return found


def leads_elsewhere(target: str) -> bool:
    """Whether a target is an address, a fragment or a path from the site's root."""
    return target.startswith(("#", "/")) or ":" in target.split("/")[0]


def _add(root: Path, path: str | None, found: dict[str, Attachment]) -> tuple[str, str] | None:
    """Adds the file to ``found``; gives (reason, remedy) where it cannot be one."""
    if path is None:
        return "leads to no file in the record's folder", "put the file beside the record and link it by its name"
    if path in found:
        return None
    suffix = Path(path).suffix.lower()
    file = root / path
    if not _inside(root, file):
        return "is neither a record nor a file here", "write a record's id, or put the file beside the record"
    if suffix == ".md":
        return "is the file of a record", f"link the record by its id: {Path(path).stem}"
    if suffix not in FILES:
        return "is a kind of file that is not published", f"use one of {', '.join(sorted(FILES))}"
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            return f"has {size:,} bytes", f"attach at most {MAX_BYTES:,} bytes"
        data = file.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror})", "check its permissions"
    if suffix == ".xml" and (problem := _active_xml(data)):
        return problem
    digest = hashlib.sha256(data).hexdigest()[:12]
    width, height = _pixels(data) if suffix in PICTURES else (0, 0)
    if suffix in PICTURES and not (width and height):
        return "is no readable picture", "save it as PNG, JPEG or WebP"
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in Path(path).stem)[:60]
    found[path] = Attachment(path, f"{stem}.{digest}{suffix}", size, width, height)
    return None


def _active_xml(data: bytes) -> tuple[str, str] | None:
    """(reason, remedy) where a browser that opens the file could run something in it: elements of XHTML and SVG, style sheets."""
    from lxml import etree

    try:
        for event, node in etree.iterparse(BytesIO(data), events=("start", "pi"), resolve_entities=False, no_network=True):
            if event == "pi" or node.tag.startswith(_ACTIVE):
                return "is XML that browsers run as a page", "pack it into a .zip, or attach it as .txt"
    except etree.XMLSyntaxError:
        return "is no well-formed XML", "mend it, or attach it as .txt"
    return None


def _pixels(data: bytes) -> tuple[int, int]:
    """Width and height of a picture, zeros where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of great pictures: only their size is read
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                return image.size
    except Exception:  # whatever a decoder makes of hostile bytes
        return 0, 0


def _inside(root: Path, file: Path) -> bool:
    """Whether it is a plain file below the root, reached through no link."""
    try:
        parents = [file, *file.parents]
        below = parents[: parents.index(root)]
        return file.is_file() and not any(part.is_symlink() for part in below)
    except (OSError, ValueError):
        return False
