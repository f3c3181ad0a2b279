"""Importers: other people's records into the files of a site."""

from kb.importers.report import ImportReport
from kb.importers.run import FORMATS, run_import

__all__ = ["FORMATS", "ImportReport", "run_import"]
