"""The command line. Exit codes: 0 fine, 1 the content or a policy is wrong, 2 wrong usage."""

from __future__ import annotations

import os
from typing import Any

import click

from generator.commands.asking import affected, compare, search
from generator.commands.comparing import diff
from generator.commands.entitled import entitlement
from generator.commands.exporting import export
from generator.commands.feed_tokening import feed_token
from generator.commands.making import build, check, merge, serve
from generator.commands.matching import match
from generator.commands.networking import inventory
from generator.commands.notifying import notify
from generator.commands.options import fail
from generator.commands.publishing import publish
from generator.commands.search_reporting import search_report
from generator.commands.writing import import_, init, new, seal


class _Commands(click.Group):
    """Ends with one line where a command fails in a way that nobody foresaw."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except OSError as error:
            fail(f"{error.filename or 'system'}: {error.strerror or error}; check the path, its permissions and the free space")
        except Exception as error:
            if os.environ.get("WAYPOST_DEBUG"):
                raise
            fail(f"internal error: {type(error).__name__}: {error}; please report it (WAYPOST_DEBUG=1 shows where)")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="waypost")
def main() -> None:
    """Waypost turns a folder of support content into a complete static self-service portal."""


for _command in (init, check, diff, build, merge, serve, new, import_, export, affected, compare, search, search_report,
                 entitlement, inventory, match, publish, notify, seal, feed_token):
    main.add_command(_command)
