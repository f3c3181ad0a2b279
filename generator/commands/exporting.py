"""export."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import click

from generator.commands.asking import open_library
from generator.commands.options import at_option, count, fail, json_option, one_audience, site_option
from kb.library import Library
from kb.records import SecurityBulletin

# OpenSearch: lower case, at most 255 bytes, none of its reserved characters, and none of - _ + . at the beginning.
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{0,254}")


class IndexName(click.ParamType[str]):
    """A name that OpenSearch takes for an index."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if _INDEX.fullmatch(value):
            return value
        self.fail(f"'{value}' is no index name; use lower case letters, digits, '-', '_' and '.', first a letter or digit",
                  param, ctx)


@click.command()
@click.argument("format_", metavar="FORMAT", type=click.Choice(["opensearch", "cve"]))
@click.argument("record_id", metavar="[ID]", default="")
@site_option
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="opensearch: folder for index.json and bulk-00001.ndjson ..., or one file that ends in .ndjson. "
              "cve: the file, or a folder for one file a CVE id.")
@at_option
@click.option("--audience", default="", help="Audience of portal.yml to export for.  [default: the first]")
@click.option("--index", type=IndexName(), default="waypost", show_default=True, help="Index that the documents are for.")
@json_option
def export(format_: str, record_id: str, site: Path, out: Path, at: datetime, audience: str, index: str, as_json: bool) -> None:
    """Write records for other programs: opensearch, all of them as files for its bulk API; cve, the CVE records of the advisory
    ID, for submission by a CNA."""
    from generator.bulk_files import write_export
    from generator.output_folder import OutputError

    if (format_ == "cve") != bool(record_id):
        raise click.UsageError("cve needs the id of an advisory, opensearch takes none")
    one_audience(audience)
    library = open_library(site, at, audience)
    if format_ == "cve":
        _export_cve(library, record_id, out.absolute(), as_json)
        return
    try:
        written = write_export(library, out.absolute(), index)
    except OutputError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps({"index": index, "documents": written.documents, "bytes": written.bytes,
                               "files": [str(file) for file in written.files]}, ensure_ascii=False))
    else:
        click.echo(f"{count(written.documents, 'document')} for the index {index} in {count(len(written.files), 'file')}, "
                   f"{written.bytes / 1e6:.1f} MB: {out.absolute()}")


def _export_cve(library: Library, record_id: str, out: Path, as_json: bool) -> None:
    """Writes a file for each CVE id of an advisory, into a folder where ``out`` is one or there are several."""
    from generator.build import make_editions
    from generator.csaf.document import edition_for
    from generator.cve_record import cve_containers

    record = library.find(record_id)
    if not isinstance(record, SecurityBulletin) or not record.cves:
        fail(f"{record_id} is no advisory with a CVE id that this audience sees at this time; for one under embargo give --at")
    containers = cve_containers(edition_for(make_editions(library), record.text.language), record)
    into_folder = len(containers) > 1 or out.is_dir()
    files = {(out / f"{cve}.json" if into_folder else out): container for cve, container in containers.items()}
    try:
        if into_folder:
            out.mkdir(parents=True, exist_ok=True)
        for file, container in files.items():
            file.write_text(json.dumps(container, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename} cannot be written ({error.strerror})")
    if as_json:
        click.echo(json.dumps({"advisory": record.id, "files": [str(file) for file in files]}, ensure_ascii=False))
    else:
        click.echo(f"{count(len(files), 'CVE record')} of {record.id}: {out}")
