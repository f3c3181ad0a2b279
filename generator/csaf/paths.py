"""Where the files of a CSAF provider stand, below the portal's root (CSAF 2.0, sections 5.1 and 7.1.11)."""

from __future__ import annotations

import re

from kb.records import SecurityBulletin

FOLDER = ".well-known/csaf/"
METADATA = f"{FOLDER}provider-metadata.json"


def file_name(record_id: str) -> str:
    """The name of a document's file; ids that become the same name differ in signs that no file name may hold."""
    return re.sub(r"[^+\-a-z0-9]+", "_", record_id.lower()) + ".json"


def label_folder(tlp: str) -> str:
    """The folder of all documents of a TLP label, ``.well-known/csaf/white/``."""
    return f"{FOLDER}{tlp.lower()}/"


def csaf_path(record: SecurityBulletin) -> str:
    """The address of a bulletin's document, ``.well-known/csaf/white/2026/exsa-2026-0007.json``; its signature and hashes have
    ``.asc``, ``.sha256`` and ``.sha512`` after it."""
    return f"{label_folder(record.tlp)}{record.published:%Y}/{file_name(record.id)}"
