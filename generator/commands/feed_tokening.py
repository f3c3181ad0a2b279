"""feed-token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.commands.options import at_option, count, fail, json_option

if TYPE_CHECKING:
    from generator.feed_tokens import FeedToken


@click.command(name="feed-token")
@click.argument("action", type=click.Choice(["new", "list", "revoke", "expire"]))
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The web server's file of one audience's tokens: Caddy's with the suffix .caddy, else htpasswd for nginx.")
@click.option("--for", "holder", default="", help="Whom a new token is for; 'revoke' takes all tokens of this holder.")
@click.option("--days", type=click.IntRange(min=1), default=366, show_default=True,
              help="How long a new token works, if 'expire' runs every day.")
@at_option
@json_option
def feed_token(action: str, ids: tuple[str, ...], file: Path, holder: str, days: int, at: datetime, as_json: bool) -> None:
    """Manage personal tokens for feed readers that cannot log in: new, list, revoke, expire.

    'new' prints the token once; the file keeps its hash. 'expire' takes out those whose time is over. nginx heeds a change at
    once, Caddy after a reload. deploy/README.md tells how the servers use the files.
    """
    from generator.feed_tokens import BadTokens, read_tokens

    if action == "revoke" and not (ids or holder):
        raise click.UsageError("name the tokens, or their holder with --for")
    if action != "revoke" and ids:
        raise click.UsageError(f"'{action}' takes no ID")
    if action == "new" and not holder:
        raise click.UsageError("say whom the token is for with --for")
    today = at.date()
    try:
        if action == "new":
            _new(file, holder, today, days, as_json)
        elif action == "list":
            _tell([_told(token, today) for token in read_tokens(file)], as_json)
        else:
            _remove(file, frozenset(ids), holder, today if action == "expire" else None, as_json)
    except BadTokens as error:
        fail(str(error))


def _new(file: Path, holder: str, today: date, days: int, as_json: bool) -> None:
    from generator.feed_tokens import changing, issue

    token, text = issue(holder, today, days)
    with changing(file) as tokens:
        tokens.append(token)
    if as_json:
        click.echo(json.dumps(_told(token, today) | {"token": text}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{text}\nid {token.id}, for {token.holder}, until {token.expires}; feeds are at https://HOST/t/TOKEN/feeds/all.atom\n"
                   "This is the only time that the token is shown.")


def _remove(file: Path, ids: frozenset[str], holder: str, today: date | None, as_json: bool) -> None:
    """Takes tokens out: those named, those of a holder or, with ``today``, those that have expired."""
    from generator.feed_tokens import changing

    def goes(token: FeedToken) -> bool:
        return token.has_expired(today) if today else token.id in ids or (holder != "" and token.holder == holder)

    with changing(file) as tokens:
        gone = [token for token in tokens if goes(token)]
        tokens[:] = [token for token in tokens if not goes(token)]
    unknown = sorted(ids - {token.id for token in gone})
    if as_json:
        click.echo(json.dumps({"removed": [token.id for token in gone], "unknown": unknown}, indent=1))
    else:
        click.echo(f"{count(len(gone), 'token')} taken out")
    if unknown or (holder and not gone):
        fail(f"{', '.join(unknown) or holder}: no such token in {file}")


def _told(token: FeedToken, today: date) -> dict[str, Any]:
    return {"id": token.id, "for": token.holder, "created": token.created.isoformat(),
            "expires": token.expires.isoformat() if token.expires else None, "expired": token.has_expired(today)}


def _tell(tokens: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(tokens, ensure_ascii=False, indent=1))
    else:
        for token in tokens:
            click.echo(_line(token))


def _line(token: Mapping[str, Any]) -> str:
    state = "expired" if token["expired"] else f"until {token['expires']}" if token["expires"] else "for ever"
    return f"{token['id']}  {token['created']}  {state:<17}  {token['for']}"
