"""export."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import click

from generator.commands.asking import open_library
from generator.commands.options import at_option, count, fail, json_option, site_option

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
@click.argument("format_", metavar="FORMAT", type=click.Choice(["opensearch"]))
@site_option
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="Folder for index.json and bulk-00001.ndjson ..., or one file that ends in .ndjson.")
@at_option
@click.option("--audience", default="", help="Audience of portal.yml to export for.  [default: the first]")
@click.option("--index", type=IndexName(), default="waypost", show_default=True, help="Index that the documents are for.")
@json_option
def export(format_: str, site: Path, out: Path, at: datetime, audience: str, index: str, as_json: bool) -> None:
    """Write all records for another search engine: opensearch, as files for its bulk API."""
    from generator.bulk_files import write_export
    from generator.output import OutputError

    library = open_library(site, at, audience)
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
