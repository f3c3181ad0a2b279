"""Quick stand-ins for MkDocs and Pagefind, and a program that can be updated: for tests that build hundreds of times."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection, Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import generator.i18n
import generator.keys
import generator.templates
import kb.program
import prsearch.static
from generator.concealed import Unseen, concealed_pages
from generator.frames import Frame, cut, root_links
from generator.guide_parts import guides_for
from generator.pages import listings, products
from generator.prose import Segment
from generator.shell import TABS, Guide, Shell, check_pages
from kb.findings import Finding, errors
from kb.policy import Policy
from kb.portal import Portal
from kb.text import to_html
from tests.generator.support import FRAME

THEME = Path(str(files("theme")))


def page_shell(root: Path, portal: Portal, policy: Policy | None, unseen: Unseen,
               cache: Path | None) -> tuple[Shell | None, list[Finding]]:
    """In place of ``make_shell``: editorial pages as plain Markdown, in frames that hold the text of ``mkdocs.yml``."""
    findings: list[Finding] = []
    shown = guides_for(root, portal, check_pages(root, findings), unseen.audience, findings)
    paths, concealed = shown.paths, concealed_pages(root, shown.paths, shown.texts, unseen, findings)
    if errors(findings):
        return None, findings
    navigation = (root / "mkdocs.yml").read_text(encoding="utf-8")
    frames = {f"{language}:{tab}": _frame(language, tab, navigation) for language in portal.languages for tab in TABS}
    guides = [guide for language in portal.languages for guide in _guides(root, portal, language, paths, concealed)]
    frames |= {guide.key: _frame(guide.language, guide.place, navigation) for guide in guides}
    others = {path.removeprefix("pages/"): (root / path).read_bytes() for path in paths if not path.endswith(".md")}
    return Shell(frames, tuple(guides), others), findings


def _frame(language: str, tab: str, navigation: str) -> Frame:
    digest = hashlib.sha256(navigation.encode()).hexdigest()
    return cut(FRAME.format(language=language, tab=tab).replace("<footer>", f"<footer><!-- {digest} -->"))


def _guides(root: Path, portal: Portal, language: str, paths: Collection[str], concealed: object) -> Iterator[Guide]:
    for path in paths:
        name = path.removeprefix("pages/").removesuffix(".md")
        if path.endswith(".md") and not name.startswith("ru/"):
            own = f"pages/{language}/{name}.md"
            source = own if own in paths else path
            known = concealed if isinstance(concealed, dict) else {}
            text = known.get(source) or (root / source).read_text(encoding="utf-8")
            place = f"{name}/".removesuffix("index/")
            body = root_links(to_html(text), f"{place}index.html", language, portal.language)
            yield Guide(f"{language}/{place}", place, language, language if source == own else portal.language,
                        text.split("\n")[0].strip("# "), "", body, source)


def hashed_segment(segment: Segment, where: Callable[[str], Path]) -> dict[str, bytes]:
    """In place of Pagefind's run: one file that depends on all pages of the segment."""
    digest = hashlib.sha256(segment.name.encode())
    for path in segment.pages:
        digest.update(path.encode() + where(path).read_bytes())
    return {f"pagefind/{segment.name}/index.pf": digest.digest()}


class Program:
    """Waypost with a copy of its theme that can be edited, and with a version that decides how long lists are."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.theme, self._patch, self._version, self._words = folder / "theme", patch, 0, b""
        for module in (generator.templates, generator.i18n):
            patch.setattr(module, "files", lambda package: self.theme if package == "theme" else files(package))
        patch.setattr("generator.build.make_shell", page_shell)
        patch.setattr("generator.prose._indexed", hashed_segment)
        patch.setattr("generator.work.CHUNK", 5)
        patch.setattr("kb.load_records._BATCH", 3)
        for module in (kb.program, prsearch.static):
            patch.setattr(module, "version", lambda name: f"{version(name)}+{self._version}")
        self.reset()

    def reset(self) -> None:
        """The program as it is."""
        for name in ("templates", "locale"):
            shutil.rmtree(self.theme / name, ignore_errors=True)
            shutil.copytree(THEME / name, self.theme / name)
        self.update(0)

    def update(self, number: int) -> None:
        """Becomes another version: lists of records have other lengths."""
        self._version = number % 3
        for module, name, most in ((listings, "PER_PAGE", 3), (listings, "LISTED", 6), (products, "LISTED", 3)):
            self._patch.setattr(module, name, most + self._version)
        self.restart()

    def restart(self) -> None:
        """Forgets what a process knows of its own files; templates know the words of their language."""
        words = (self.theme / "locale/ru/waypost.po").read_bytes()
        for known in (generator.i18n.translations, generator.i18n.catalogue_bytes, generator.keys._program,
                      kb.program.program_digest, prsearch.static._program):
            known.cache_clear()
        if words != self._words:
            generator.templates.environment.cache_clear()
        self._words = words
