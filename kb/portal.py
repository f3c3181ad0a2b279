"""Settings of a portal: ``portal.yml`` and ``redirects.yml``."""

from __future__ import annotations

import re

import msgspec

from kb.audiences import PUBLIC, Audience, parse_audiences
from kb.csaf_settings import CsafSettings, parse_csaf
from kb.endpoints import parse_endpoint
from kb.feed_settings import FeedSettings, parse_feeds
from kb.feedback_settings import FeedbackSettings, parse_feedback
from kb.fields import Fields, parse_language, parse_line, parse_url_root, parse_zone
from kb.findings import Finding
from kb.publish_settings import parse_publish
from kb.records import Place
from kb.seal_settings import SealSettings, parse_sealed
from kb.source import Value


class PortalText(msgspec.Struct, frozen=True):
    """What the portal says of itself in one language."""

    name: str
    summary: str
    examples: tuple[str, ...]


class Portal(msgspec.Struct, frozen=True):
    """``texts`` has one entry a language, in the order of ``languages``; the first is the default language. ``opensearch`` is
    the address that the search page asks, ``https://host/path`` or ``/path``; empty where it searches by itself."""

    vendor: str
    url: str
    languages: tuple[str, ...]
    texts: tuple[PortalText, ...]
    timezone: str = "UTC"
    audiences: tuple[Audience, ...] = PUBLIC
    popular: tuple[str, ...] = ()
    opensearch: str = ""
    csaf: CsafSettings = CsafSettings()
    feeds: FeedSettings = FeedSettings()
    sealed: SealSettings = SealSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    place: Place = Place("portal.yml", 1)

    @property
    def language(self) -> str:
        return self.languages[0]

    def text_in(self, language: str) -> PortalText:
        return self.texts[self.languages.index(language)]

    @property
    def public(self) -> str:
        """The audience that everybody is in."""
        return self.audiences[0].id

    def audience(self, name: str) -> Audience | None:
        """The audience with this id; the first where the id is empty."""
        return next((audience for audience in self.audiences if audience.id == (name or self.public)), None)

    def may_see(self, audience: str, wanted: str) -> bool:
        """Whether readers in one audience, which is known, see what is for another."""
        found = self.audience(audience)
        return found is not None and wanted in found.sees

    def seen_by(self, audience: str) -> Portal:
        """The portal of an audience, at its own address where it has one."""
        found = self.audience(audience)
        return msgspec.structs.replace(self, url=found.url) if found and found.url else self


class Redirect(msgspec.Struct, frozen=True):
    """An old path (``/techdocs/old.html``) and where it leads: a path or a record's id."""

    old: str
    new: str
    place: Place


def _parse_search(search: Fields) -> str:
    """The address of the search engine, which every reader's browser asks; an empty string without one."""
    address = parse_endpoint(search, "opensearch", ("https://host/index/_search", "/path/_search"),
                             "remove it, and have a server in front of the engine answer without one")
    search.finish()
    return address


def parse_portal(value: Value, path: str, ui_languages: tuple[str, ...], findings: list[Finding]) -> Portal | None:
    """The settings, or None (with findings) where a needed one is missing or wrong."""
    if not isinstance(value.data, dict):
        findings.append(Finding(path, value.line, "", "", "is no mapping", "write 'name: ...', 'vendor: ...', 'url: ...'"))
        return None
    fields = Fields(value.data, path, value.line, findings)
    before = len(findings)
    name, vendor = fields.one("name", parse_line, required=True), fields.one("vendor", parse_line, required=True)
    url = fields.one("url", parse_url_root, required=True)
    languages = fields.many("languages", parse_language) or ("en",)
    for language in languages:
        if language not in ui_languages:
            fields.wrong("languages", "has no user-interface texts", f"choose from {', '.join(ui_languages)}", language)
    if len(set(languages)) != len(languages):
        fields.wrong("languages", "names a language twice", "keep one", ", ".join(languages))
    summary, examples = fields.text("summary"), fields.texts("examples")
    timezone = fields.one("timezone", parse_zone) or "UTC"
    audiences = parse_audiences(fields, languages)
    popular = fields.texts("popular")
    search = fields.mapping("search")
    opensearch = _parse_search(search) if search else ""
    provider = fields.mapping("csaf")
    csaf = parse_csaf(provider) if provider else CsafSettings()
    for address in (url, *(audience.url for audience in audiences)) if provider else ():
        if address and not address.startswith("https://"):
            fields.wrong("url", "does not begin with https://, which CSAF demands", "write https://... or remove csaf", address)
    subscriptions = fields.mapping("feeds")
    feeds = parse_feeds(subscriptions) if subscriptions else FeedSettings()
    private = fields.mapping("sealed")
    sealed = parse_sealed(private) if private else SealSettings()
    answers = fields.mapping("feedback")
    feedback = parse_feedback(answers) if answers else FeedbackSettings()
    parse_publish(fields.named("publish"))  # no matter of pages: waypost publish reads it for itself
    texts = {languages[0]: PortalText(name or "", summary, examples)}
    for language, inner in fields.named("translations"):
        if language not in languages:
            fields.wrong("translations", "is not a language of this portal", "add it to languages or remove it", language,
                         inner.line)
        texts[language] = PortalText(inner.text("name") or name or "", inner.text("summary") or summary,
                                     inner.texts("examples") or examples)
        inner.finish()
    fields.finish()
    if len(findings) > before or not (name and vendor and url):
        return None
    default = texts[languages[0]]
    return Portal(vendor, url, languages, tuple(texts.get(language, default) for language in languages), timezone,
                  audiences, popular, opensearch, csaf, feeds, sealed, feedback, Place(path, fields.line))


_PATH = re.compile(r"/[A-Za-z0-9._~+,=:@%/-]*")  # no character that a web server's configuration could misread


def _is_path(text: str) -> bool:
    """Whether it is a path from the site's root; ``//host/`` would be another site."""
    segments = text.split("/")
    return bool(_PATH.fullmatch(text)) and not {".", ".."} & set(segments) and "" not in segments[1:-1]


def parse_redirects(value: Value, path: str, findings: list[Finding]) -> tuple[Redirect, ...]:
    """The redirects in file order."""
    if not isinstance(value.data, dict):
        findings.append(Finding(path, value.line, "", "", "is no mapping", "write '/old/path: /new/path/' lines"))
        return ()
    found = []
    for old, target in value.data.items():
        if not _is_path(old) or old == "/":
            findings.append(Finding(path, target.line, "", old, "is no path of this site",
                                    "write it from the root: /old/page.html"))
        elif not isinstance(target.data, str):
            findings.append(Finding(path, target.line, old, "", "has no target", "write a path or a record's id"))
        elif target.data.startswith("/") and not _is_path(target.data.strip()):
            findings.append(Finding(path, target.line, old, target.data, "is no path of this site", "write /path/ in ASCII"))
        else:
            found.append(Redirect(old, target.data.strip(), Place(path, target.line)))
    return tuple(found)
