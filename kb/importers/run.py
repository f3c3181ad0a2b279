"""Runs an import: opens the site, lets the importer of the format work, saves the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kb.fields import Wrong, parse_date, parse_language
from kb.importers.bulk import import_csv, import_jsonl
from kb.importers.catalogue import ProductBook
from kb.importers.csaf import import_csaf
from kb.importers.cve import import_cve
from kb.importers.job import NO_COLUMNS, Job, Options
from kb.importers.kcs import import_kcs
from kb.importers.known_issues import import_known_issues
from kb.importers.ledger import LEDGER_PATH
from kb.importers.osv import import_osv
from kb.importers.report import ImportReport, Tally
from kb.importers.site import open_site
from kb.records import Place

_IMPORTERS: Mapping[str, Callable[[Job], None]] = {"cve": import_cve, "csaf": import_csaf, "osv": import_osv,
                                                    "kcs": import_kcs,
                                                    "known-issues": import_known_issues, "jsonl": import_jsonl,
                                                    "csv": import_csv}


def run_import(format: str, source: Path, site: Path, *, force: bool = False, columns: Mapping[str, str] = NO_COLUMNS,
               product: str = "", language: str = "en", date: str = "") -> ImportReport:
    """Imports a file or folder into the site and tells what became of it.

    ``format`` is one of ``FORMATS``. ``force`` overwrites what was edited by hand and brings back what was deleted.
    ``columns`` maps fields to columns of a ``csv`` (or ``jsonl``) source. ``product`` is for records that name none,
    ``language`` that of the source, ``date`` (YYYY-MM-DD) for records without dates. Raises ValueError for an unknown format,
    date or language; all that is wrong with the input is a finding.
    """
    if format not in _IMPORTERS:
        raise ValueError(f"'{format}' is no format; choose from {', '.join(FORMATS)}")
    try:
        options = Options(columns, " ".join(product.split()), parse_language(language), date and parse_date(date).isoformat())
    except Wrong as wrong:
        raise ValueError(f"'{date}' or '{language}' {wrong.reason}; {wrong.remedy}") from None
    tally = Tally()
    target = open_site(site, tally, force)
    if target is None:
        return tally.report()
    _IMPORTERS[format](Job(source, target, ProductBook(target), options))
    try:
        target.ledger.save()
    except OSError as error:
        tally.reject(Place(LEDGER_PATH, 0), f"cannot be written ({error.strerror})", "check permissions and space")
    return tally.report()


FORMATS: tuple[str, ...] = tuple(_IMPORTERS)
"""Names of the formats that can be imported."""
