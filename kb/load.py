"""Loads a site: every file to typed records, with all findings at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError
from kb.load_records import load_records
from kb.policy import Policy, parse_policy
from kb.policy_security import with_public_key
from kb.portal import Portal, Redirect, parse_portal, parse_redirects
from kb.products import Catalogue, parse_products
from kb.reporting import Report, quiet
from kb.source import Value, read_yaml
from kb.store import Records
from kb.synonyms import Synonyms, parse_synonyms
from kb.walk import walk


class Content(msgspec.Struct, frozen=True):
    """What a site's files say, before anything is resolved. ``portal`` is None only together with an error finding."""

    root: Path
    portal: Portal | None
    catalogue: Catalogue
    policy: Policy | None
    redirects: tuple[Redirect, ...]
    records: Records
    findings: tuple[Finding, ...]
    synonyms: Synonyms = Synonyms()


class SiteNotFound(Exception):
    """There is no ``portal.yml`` where one was expected."""


def find_site(folder: Path) -> Path:
    """The folder that holds ``portal.yml``: ``folder`` itself or its ``content``; raises SiteNotFound."""
    for candidate in (folder, folder / "content"):
        if (candidate / "portal.yml").is_file():
            return candidate.resolve()
    raise SiteNotFound(f"{folder} holds no portal.yml; name the site's folder with --site, or make one with 'waypost init DIR'")


def load(root: Path, ui_languages: tuple[str, ...], cache: Path | None = None, jobs: int = 1, report: Report = quiet) -> Content:
    """Everything below ``root``; files that have not changed since the last time come out of the cache."""
    findings: list[Finding] = []
    portal, catalogue, policy = load_terms(root, ui_languages, findings)
    redirects_value = _yaml(root, "redirects.yml", findings) if _is_there(root, "redirects.yml") else None
    redirects = parse_redirects(redirects_value, "redirects.yml", findings) if redirects_value else ()
    synonyms_value = _yaml(root, "synonyms.yml", findings) if _is_there(root, "synonyms.yml") else None
    synonyms = parse_synonyms(synonyms_value, "synonyms.yml", findings) if synonyms_value else Synonyms()
    records = load_records(root, portal, catalogue, findings, cache, jobs, report) if portal else Records((), b"")
    return Content(root, portal, catalogue, policy, redirects, records, tuple(findings), synonyms)


def load_terms(root: Path, ui_languages: tuple[str, ...],
               findings: list[Finding]) -> tuple[Portal | None, Catalogue, Policy | None]:
    """The settings, products and policy of a site, without its records; what is wrong goes into ``findings``."""
    portal_value = _yaml(root, "portal.yml", findings)
    portal = parse_portal(portal_value, "portal.yml", ui_languages, findings) if portal_value else None
    catalogue = parse_products(_product_files(root, findings), findings)
    policy_value = _yaml(root, "policy.yml", findings) if _is_there(root, "policy.yml") else None
    known = tuple(audience.id for audience in portal.audiences) if portal else ()
    policy = parse_policy(policy_value, "policy.yml", findings, catalogue.parse_any, known) if policy_value else None
    if policy and policy.security:
        policy = msgspec.structs.replace(policy, security=with_public_key(policy.security, root, "policy.yml", findings))
    return portal, catalogue, policy


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
