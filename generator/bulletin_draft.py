"""Drafts of security bulletins from answers: each is checked by the parser of its field, the whole by that of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from kb.bulletins import parse_cve, parse_cwe, parse_vector
from kb.fields import Wrong, parse_instant, parse_line, parse_title, parse_url
from kb.findings import Finding, errors, shorten
from kb.importers.emit import Yaml, emit_document
from kb.parse import Context, parse_file
from kb.portal import Portal
from kb.products import Catalogue, Product
from kb.ranges import Affected, contradictions, parse_fixed, parse_range
from kb.records import Kind
from kb.releases import ReleaseError
from kb.source import parse_document

SUMMARY = "One or two sentences for lists, search results and feeds."
_STATUSES = ("draft", "interim", "final")
_LABELS = ("WHITE", "GREEN")  # others need an audience of their own


class Stretch(msgspec.Struct):
    """What is affected of a product: ranges and fixed releases as they are written in a record."""

    product: str
    ranges: list[str] = []
    fixed: list[str] = []


class Answers(msgspec.Struct):
    """What an author says of a new bulletin, as texts that their parsers have read."""

    title: str = ""
    summary: str = ""
    status: str = "draft"
    tlp: str = ""
    publish_at: str = ""
    affected: list[Stretch] = []
    cves: list[str] = []
    cvss: list[str] = []
    cwe: list[str] = []
    credits: list[str] = []
    references: list[dict[str, str]] = []


class Asker(Protocol):
    """Puts a question to the author and gives the answer, empty where there is none; ``tell`` says what is wrong with it."""

    def ask(self, question: str) -> str: ...
    def tell(self, message: str) -> None: ...


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The same from the command line, not read yet. ``affected`` and ``fixed`` may begin with ``product:``."""

    title: str = ""
    summary: str = ""
    status: str = ""
    tlp: str = ""
    publish_at: str = ""
    products: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    cvss: tuple[str, ...] = ()
    cwe: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def read_answers(given: Given, catalogue: Catalogue) -> Answers:
    """The answers in options; raises Wrong for the first that its field would refuse."""
    found = Answers(
        title=_read(parse_title, given.title), summary=_read(parse_line, given.summary),
        status=_read(_choice(_STATUSES), given.status) or "draft", tlp=_read(_choice(_LABELS), given.tlp),
        publish_at=_read(parse_instant, given.publish_at), cves=[_read(parse_cve, text) for text in given.cves],
        cvss=[_read(parse_vector, text) for text in given.cvss], cwe=[_read(parse_cwe, text) for text in given.cwe],
        credits=[_read(parse_line, text) for text in given.credits],
        references=[parse_reference(text) for text in given.references])
    names = [_read(catalogue.parse, name) for name in given.products] or [catalogue.products[0].id]
    stretches = {name: Stretch(name) for name in dict.fromkeys(names)}
    for text in given.affected:
        product, words = _of_product(text, names[0], catalogue)
        stretches.setdefault(product.id, Stretch(product.id)).ranges.append(_read(_range(product), words))
    for text in given.fixed:
        product, words = _of_product(text, names[0], catalogue)
        stretches.setdefault(product.id, Stretch(product.id)).fixed.append(_read(_fixed(product), words))
    found.affected = [*stretches.values()]
    for stretch in found.affected:
        _agree(stretch, catalogue)
    return found


def _of_product(text: str, default: str, catalogue: Catalogue) -> tuple[Product, str]:
    """Product and words of ``exos: 21.4 before 21.4R3-S5``; raises Wrong."""
    name, colon, rest = text.partition(":")
    product = catalogue.find(_read(catalogue.parse, name) if colon else default)
    assert product
    return product, rest if colon else text


def ask_answers(asker: Asker, kind: Kind, catalogue: Catalogue) -> Answers:
    """Asks for everything; what a field would refuse is asked again."""
    found = Answers(_ask(asker, "Title", parse_title, needed=True), _ask(asker, f"Summary [{SUMMARY}]", parse_line))
    known = ", ".join(product.id for product in catalogue.products)
    while not found.affected or (name := _ask(asker, "Another product (empty: no more)", catalogue.parse)):
        if not found.affected:
            name = _ask(asker, f"Product ({known})", catalogue.parse, needed=True)
        product = catalogue.find(name)
        assert product
        found.affected.append(_ask_stretch(asker, product) if kind == "advisory" else Stretch(product.id))
    found.cves = _ask_many(asker, "CVE id", parse_cve)
    found.cvss = _ask_many(asker, "CVSS 3.1 or 4.0 vector", parse_vector)
    found.cwe = _ask_many(asker, "CWE id", parse_cwe)
    found.publish_at = _ask(asker, "First publication, such as 2026-11-22T16:00:00Z (empty: not decided)", parse_instant)
    found.credits = _ask_many(asker, "Credit", parse_line)
    found.references = [parse_reference(text) for text in _ask_many(asker, "Reference: address, then title", parse_reference)]
    return found


def _ask_stretch(asker: Asker, product: Product) -> Stretch:
    stretch = Stretch(product.id, _ask_many(asker, "Affected range, such as '21.4 before 21.4R3-S5'", _range(product)))
    while True:
        stretch.fixed = _ask_many(asker, "Fixed release", _fixed(product))
        try:
            _agree(stretch, Catalogue((product,)))
        except Wrong as wrong:
            asker.tell(_message(wrong))
        else:
            return stretch


def _ask(asker: Asker, question: str, parser: Callable[[str], object], needed: bool = False) -> str:
    while True:
        text = asker.ask(question).strip()
        if not text and not needed:
            return ""
        try:
            return _read(parser, text or " ")
        except Wrong as wrong:
            asker.tell(_message(wrong))


def _ask_many(asker: Asker, question: str, parser: Callable[[str], object]) -> list[str]:
    found: list[str] = []
    while text := _ask(asker, f"{question} (empty: {'no more' if found else 'none'})", parser):
        found.append(text)
    return found


def _read(parser: Callable[[str], object], text: str) -> str:
    """The text, if its parser takes it; raises Wrong with the text in its reason. Ids come back as they are printed."""
    if not text:
        return ""
    text = text.strip()
    try:
        parsed = parser(text)
    except Wrong as wrong:
        raise Wrong(f"'{shorten(text)}' {wrong.reason}", wrong.remedy) from None
    return parsed if isinstance(parsed, str) else text


def _message(wrong: Wrong) -> str:
    return f"{wrong.reason}; {wrong.remedy}"


def _choice(words: Sequence[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text in words:
            return text
        raise Wrong("is not allowed here", f"write one of {', '.join(words)}")

    return parse


def _range(product: Product) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parse_range(parse_line(text), product.scheme)
        except ReleaseError as error:
            raise Wrong(str(error), error.remedy) from None
        return parse_line(text)

    return parse


def _fixed(product: Product) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            return ", ".join(parse_fixed(text, product.scheme))
        except ReleaseError as error:
            raise Wrong(str(error), error.remedy) from None

    return parse


def _agree(stretch: Stretch, catalogue: Catalogue) -> None:
    """Raises Wrong where the ranges call a fixed release affected."""
    product = catalogue.find(stretch.product)
    assert product
    ranges = tuple(item for text in stretch.ranges for item in parse_range(text, product.scheme))
    fixed = tuple(name for text in stretch.fixed for name in parse_fixed(text, product.scheme))
    for release in contradictions(Affected(product.id, (), ranges, fixed), product.scheme):
        raise Wrong(f"'{release}' is fixed, yet the ranges call it affected", "end the range before it, or leave the release out")


def parse_reference(text: str) -> dict[str, str]:
    """Address and title of ``https://www.example.com/x Title``; raises Wrong."""
    url, _space, title = text.strip().partition(" ")
    return {"title": parse_line(title) if title.strip() else url, "url": parse_url(url)}


def bulletin_text(kind: Kind, record_id: str, answers: Answers, body: str, at: datetime) -> str:
    """The file of a new bulletin."""
    day = f"{at:%Y-%m-%d}"
    publish_at = answers.publish_at or f"{day}T16:00:00Z"
    fields: dict[str, Yaml] = {
        "id": record_id, "title": answers.title or f"New {kind}", "summary": answers.summary or SUMMARY, "status": answers.status,
        "publish_at": publish_at, "tlp": answers.tlp, "cves": answers.cves, "cvss": answers.cvss, "cwe": answers.cwe,
        "credits": answers.credits, "references": answers.references,
        "revisions": [{"number": "1", "date": max(day, f"{parse_instant(publish_at):%Y-%m-%d}"), "text": "First publication."}]}
    if kind == "advisory":
        fields["affected"] = [{"product": item.product, "ranges": item.ranges, "fixed": [
            name for text in item.fixed for name in text.split(", ")]} for item in answers.affected]
    else:
        fields["products"] = [item.product for item in answers.affected]
    return emit_document(fields, f"\n{body}")


def check_text(text: str, kind: Kind, path: str, portal: Portal, catalogue: Catalogue) -> Iterator[Finding]:
    """What would be wrong with the file."""
    context = Context(portal, catalogue, [])
    parse_file(parse_document(text, path), kind, path, context)
    yield from errors(context.findings)
