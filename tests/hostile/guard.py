"""What pages may not do: run a text, break their policy, ask anybody else."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Route

FORMULAS = frozenset("=+-@＝＋－＠\t\r\n")  # after OWASP, "CSV injection"


class Guard:
    """What no page may do, in all pages of a context."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.found: list[str] = []
        self._origin = origin
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("dialog", lambda dialog: (self.found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        context.on("page", lambda page: page.on("pageerror", lambda error: self.found.append(f"exception: {error}")))
        context.route(re.compile(r"^(?!data:|blob:)(?!" + re.escape(origin) + ")"), self._stop)

    def _stop(self, route: Route) -> None:
        route.abort()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self.found.append(f"asks {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text or "Trusted Type" in message.text:
            self.found.append(f"{message.page.url if message.page else ''}: {message.text}")

    def look(self, page: Page) -> None:
        """Raises where something ran."""
        assert page.evaluate("window.__canary") is None, page.url
        assert self.found == [], page.url


def formulas(text: str) -> list[str]:
    """Cells of a CSV file that a spreadsheet takes for a formula, be it read with commas, semicolons or tabs between cells."""
    def cells(delimiter: str) -> list[str]:
        return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter) for cell in row]

    return [cell for cell in cells(",") if cell[:1] in FORMULAS] + [
        cell for delimiter in ";\t" for cell in cells(delimiter) if cell.lstrip('\t\r\n "')[:1] in FORMULAS]
