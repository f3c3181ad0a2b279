"""Loads a site: every file to typed records, with all findings at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError, shorten
from kb.parse import Context, check_file_name, parse_file, parse_line_record, parse_translation
from kb.policy import Policy, parse_policy
from kb.portal import Portal, Redirect, parse_portal, parse_redirects
from kb.products import Catalogue, parse_products
from kb.records import FOLDERS, AnyRecord, Kind, normal_id
from kb.source import Value, read_document, read_jsonl, read_yaml

MAX_DEPTH = 32
_TRANSLATION = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2,3}(-[A-Z]{2})?)")


class Content(msgspec.Struct, frozen=True):
    """What a site's files say, before anything is resolved. ``portal`` is None only together with an error finding."""

    root: Path
    portal: Portal | None
    catalogue: Catalogue
    policy: Policy | None
    redirects: tuple[Redirect, ...]
    records: tuple[AnyRecord, ...]
    findings: tuple[Finding, ...]


class SiteNotFound(Exception):
    """There is no ``portal.yml`` where one was expected."""


def find_site(folder: Path) -> Path:
    """The folder that holds ``portal.yml``: ``folder`` itself or its ``content``; raises SiteNotFound."""
    for candidate in (folder, folder / "content"):
        if (candidate / "portal.yml").is_file():
            return candidate.resolve()
    raise SiteNotFound(f"{folder} holds no portal.yml; name the site's folder with --site, or make one with 'waypost init DIR'")


def load(root: Path, ui_languages: tuple[str, ...]) -> Content:
    """Everything below ``root``."""
    findings: list[Finding] = []
    portal_value = _yaml(root, "portal.yml", findings)
    portal = parse_portal(portal_value, "portal.yml", ui_languages, findings) if portal_value else None
    catalogue = parse_products(_product_files(root, findings), findings)
    policy_value = _yaml(root, "policy.yml", findings) if _is_there(root, "policy.yml") else None
    policy = parse_policy(policy_value, "policy.yml", findings) if policy_value else None
    redirects_value = _yaml(root, "redirects.yml", findings) if _is_there(root, "redirects.yml") else None
    redirects = parse_redirects(redirects_value, "redirects.yml", findings) if redirects_value else ()
    records = _load_records(root, Context(portal, catalogue, findings)) if portal else ()
    return Content(root, portal, catalogue, policy, redirects, records, tuple(findings))


def _is_there(root: Path, path: str) -> bool:
    """Whether there is anything of this name, be it a link that leads nowhere: reading it says what is wrong."""
    return os.path.lexists(root / path)


def _yaml(root: Path, path: str, findings: list[Finding]) -> Value | None:
    try:
        return read_yaml(root, path)
    except SourceError as error:
        findings.append(error.finding)
        return None


def _product_files(root: Path, findings: list[Finding]) -> Iterator[tuple[str, Value]]:
    paths = [path for path in walk(root, "products", findings) if path.endswith((".yml", ".yaml"))]
    if _is_there(root, "products.yml"):
        paths.insert(0, "products.yml")
    elif not paths:
        findings.append(Finding("products.yml", 0, "", "", "is missing", "write 'products:' with at least one product"))
    for path in paths:
        value = _yaml(root, path, findings)
        if value is not None:
            yield path, value


def walk(root: Path, folder: str, findings: list[Finding]) -> Iterator[str]:
    """Paths of all plain files below a folder, in a stable order; links are refused, hidden files passed over."""
    start = root / folder
    if not _is_there(root, folder):
        return
    if start.is_symlink():
        findings.append(Finding(folder, 0, "", "", "is a symbolic link", "put the folder itself here"))
        return
    if folder.count("/") > MAX_DEPTH:
        findings.append(Finding(folder, 0, "", "", "is nested too deeply", f"use at most {MAX_DEPTH} folders in each other"))
        return
    try:
        with os.scandir(start) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        findings.append(Finding(folder, 0, "", "", f"cannot be read as a folder ({error.strerror})",
                                "check what it is and its permissions"))
        return
    for entry in ordered:
        path = f"{folder}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if not _printable(entry.name):
            findings.append(Finding(folder, 0, "", shorten(ascii(entry.name)[1:-1]),
                                    "is a file name that is not UTF-8 or holds invisible characters", "rename the file"))
        elif entry.is_symlink():
            findings.append(Finding(path, 0, "", "", "is a symbolic link", "put the file itself here"))
        elif entry.is_dir():
            yield from walk(root, path, findings)
        elif entry.is_file():
            yield path
        else:
            findings.append(Finding(path, 0, "", "", "is no plain file", "remove it"))


def _printable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return name.isprintable()


def _load_records(root: Path, context: Context) -> tuple[AnyRecord, ...]:
    records: list[AnyRecord] = []
    for folder, kind in FOLDERS.items():
        of_kind: list[AnyRecord] = []
        translations: list[tuple[str, str, str]] = []
        stems = [path for path in walk(root, folder, context.findings) if path.endswith((".md", ".jsonl"))]
        originals = {path.removesuffix(".md") for path in stems}
        for path in stems:
            match = _TRANSLATION.fullmatch(path.removesuffix(".md"))
            if path.endswith(".jsonl"):
                of_kind += _load_lines(root, path, kind, context)
            elif match and (match["stem"] in originals or kind in {"article", "report"}):  # their ids hold no dot
                translations.append((path, match["stem"], match["language"]))
            elif record := _load_file(root, path, kind, context):
                of_kind.append(record)
        records += _translated(root, of_kind, translations, context)
    return tuple(records)


def _load_file(root: Path, path: str, kind: Kind, context: Context) -> AnyRecord | None:
    try:
        document = read_document(root, path)
    except SourceError as error:
        context.findings.append(error.finding)
        return None
    record = parse_file(document, kind, path, context)
    if record:
        check_file_name(record, Path(path).stem, document.fields["id"].line, context.findings)
    return record


def _load_lines(root: Path, path: str, kind: Kind, context: Context) -> list[AnyRecord]:
    found = []
    try:
        for line, values in read_jsonl(root, path):
            if isinstance(values, Finding):
                context.findings.append(values)
            elif record := parse_line_record(values, kind, path, line, context):
                found.append(record)
    except SourceError as error:
        context.findings.append(error.finding)
    return found


def _translated(root: Path, records: list[AnyRecord], files: list[tuple[str, str, str]],
                context: Context) -> list[AnyRecord]:
    """The records with the texts of their translation files."""
    by_id = {normal_id(record.id): number for number, record in enumerate(records)}
    for path, original, language in files:
        stem = Path(original).name
        number = by_id.get(normal_id(stem))
        if number is None:
            if _TRANSLATION.fullmatch(original) or not (root / f"{original}.md").exists():  # else that file has findings
                context.findings.append(Finding(path, 0, "", stem, "has a translation but no original",
                                                f"write {stem}.md beside it"))
            continue
        record = records[number]
        if other := next((text for text in record.texts if text.language == language), None):
            context.findings.append(Finding(path, 0, "language", language, f"is already the language of {other.place.path}",
                                            "remove one of them"))
            continue
        try:
            text = parse_translation(read_document(root, path), language, path, record.id, context)
        except SourceError as error:
            context.findings.append(error.finding)
            continue
        if text:
            records[number] = msgspec.structs.replace(record, texts=(*record.texts, text))
    return records
