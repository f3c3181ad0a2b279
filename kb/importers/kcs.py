"""Knowledge-base articles of the KCS kind: Markdown with the front matter of a knowledge management system."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from pathlib import Path

import msgspec
from PIL import Image, UnidentifiedImageError

from kb.attachments import MAX_BYTES, PICTURES
from kb.importers.dates import day
from kb.importers.drafts import Draft, body_of, store
from kb.importers.emit import Yaml
from kb.importers.job import Job
from kb.importers.kcs_sections import sections_of
from kb.importers.links import Target, is_address, link, map_prose, plain_label, rewrite_links
from kb.importers.markdown import squeeze, tidy_markdown
from kb.importers.sources import Article, SourceFile, read_article, source_files
from kb.importers.words import first_sentence, one_line, plain_text, shortened, title
from kb.records import Place

_NUMBER = re.compile(r"(K[A-Z]{1,2})-?(\d{1,9})", re.IGNORECASE)
_ARTICLE_ADDRESS = re.compile(r"(?:^|/)(K[A-Z]{1,2}-?\d{4,9})(?:\.(?:md|html?))?$", re.IGNORECASE)
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s%]+)$")
_EMPTY = frozenset({"", "null", "none", "description", "tbd", "~"})
_MAX_SUMMARY = 400


class _Source(msgspec.Struct, frozen=True):
    """An article with its number; ``name`` is the number as the source writes it."""

    file: SourceFile
    article: Article
    id: str
    name: str

    def field(self, name: str) -> str:
        text = one_line(tidy_markdown(self.article.fields.get(name, "")))
        return "" if text.casefold() in _EMPTY else text

    def place(self, name: str = "") -> Place:
        return self.file.place(self.article.lines.get(name, 1))


def import_kcs(job: Job) -> None:
    """Each article with a number becomes ``articles/KB<number>.md``."""
    sources = _sources(job)
    for source in sources:
        for product in _product_names(source, job):
            job.book.product(product)
    job.book.settle()
    names = {source.name.upper(): source.id for source in sources}
    drafts = [draft for source in sources if (draft := _draft(source, names, job))]
    if drafts:
        store(drafts, job.site, job.book.write(job.place))


def _sources(job: Job) -> list[_Source]:
    """The articles by number; one without a number, or with that of another, is rejected."""
    found: dict[str, _Source] = {}
    waiting: list[_Source] = []
    for file in source_files(job.source, (".md", ".markdown"), job.tally):
        article = read_article(file, job.tally)
        if article is None:
            continue
        given = article.fields.get("article-number", "").strip()
        match = _NUMBER.fullmatch(given) or _NUMBER.fullmatch(file.stem)
        if match is None:
            job.tally.reject(file.place(article.lines.get("article-number", 1)), "has no article number",
                             "add 'article-number: KA-12345', or name the file so", "article-number", given)
            continue
        source = _Source(file, article, f"KB{int(match[2]):05d}", f"{match[1].upper()}-{match[2]}")
        if _NUMBER.fullmatch(given) and source.id not in found:
            found[source.id] = source
        else:
            waiting.append(source)
    for source in waiting:  # numbers out of file names come after those that articles claim
        if source.id in found:
            job.tally.reject(source.place("article-number"), f"is also the number of {found[source.id].file.shown}",
                             "give one of them another number", "article-number", source.name)
        else:
            found[source.id] = source
    return [found[key] for key in sorted(found)]


def _product_names(source: _Source, job: Job) -> list[str]:
    for name in ("product", "solution"):
        if names := _list(source.article.fields.get(name, "")):
            return names
    return [job.options.product] if job.options.product else []


def _list(text: str) -> list[str]:
    """The parts of a text with commas between, each once."""
    return list(dict.fromkeys(part for item in text.split(",") if (part := one_line(item)).casefold() not in _EMPTY))


def _draft(source: _Source, names: dict[str, str], job: Job) -> Draft | None:
    fields = source.article.fields
    products = _product_names(source, job)
    created = day(fields.get("article-created-date", "")) or job.options.date
    updated = max(created, day(fields.get("article-published-date", "")), day(fields.get("last-substantial-update", "")))
    created = created or updated
    files: dict[str, bytes] = {}
    heading, text = _without_title(source.article.body)
    sections = sections_of(squeeze(_with_links(_with_breaks(tidy_markdown(text)), source, names, files, job)))
    body = body_of(sections)
    name = title(source.field("title") or heading or source.name)
    summary = _summary(source.field("description"), sections, name)
    intro, _, rest = body.partition("\n## ") if not body.startswith("## ") else ("", "", body)
    if one_line(plain_text(intro)) in {summary, name}:
        body = f"## {rest}" if rest and not body.startswith("## ") else rest
    version = fields.get("version-number", "").strip()
    record: dict[str, Yaml] = {
        "id": source.id, "title": name, "summary": summary, "language": job.language_field(), "aliases": [source.name],
        "keywords": _list(source.field("keywords")), "products": [job.book.product(item) for item in products],
        "status": "retired" if fields.get("hide", "").strip().casefold() == "true" else "published",
        "applies_to": [item for item in _list(source.field("applies-to")) if item not in products],
        "created": created, "updated": updated,
        "version": version if re.fullmatch(r"[1-9]\d{0,5}", version) else "",
    }
    return Draft(kind="article", id=source.id, fields=record, body=body, origin=source.place(), files=files,
                 sources=(source.name,))


def _without_title(body: str) -> tuple[str, str]:
    """The first-level heading with which a text begins, and the text without it."""
    match = re.match(r"\s*#[ \t]+([^\n]*?)[ \t]*(?:\{#[^{}\n]*\})?[ \t]*(?:\n|$)", body)
    return (match[1], body[match.end():]) if match else ("", body)


def _with_breaks(text: str) -> str:
    """The text with line breaks where the exporter wrote them: as a line that begins with one space."""
    return map_prose(text, lambda prose: re.sub(r"^ (?=[^\s>|#*+-])", "", re.sub(
        r"(?<=[^\s|\\])\n (?=[^\s>|#*+-])(?!\d+[.)])", "\\\\\n", prose), flags=re.MULTILINE))


def _summary(description: str, sections: list[tuple[str, str]], name: str) -> str:
    """The description, else the first sentence of what says most about the article."""
    if description and description.casefold() != name.casefold():
        return shortened(plain_text(description), _MAX_SUMMARY)
    texts = dict(reversed(sections))
    sentences = (first_sentence(plain_text(texts.get(key, ""))) for key in ("", "symptoms", "problem", "solution"))
    return next((sentence for sentence in sentences if sentence and sentence.casefold() != name.casefold()), name)


def _with_links(text: str, source: _Source, names: dict[str, str], files: dict[str, bytes], job: Job) -> str:
    """The text with links to articles of this import made links to records, and pictures as files, links or words."""
    missing: list[str] = []

    def change(target: Target) -> str:
        address, _, _fragment = target.address.partition("#")
        if target.picture:
            return _picture(target, source, files, missing)
        match = _ARTICLE_ADDRESS.search(address.split("?")[0])
        own = match and (not is_address(address) or "/kb" in address)
        if match and own and (record := names.get(_NUMBER.sub(r"\1-\2", match[1].upper()))):
            return link(target.label, record) if record != source.id else target.label
        if is_address(target.address):
            return link(target.label, target.address)
        return target.label

    rewritten = rewrite_links(text, change)
    if missing:
        more = f", nor are {len(missing) - 1} more" if len(missing) > 1 else ""
        job.tally.note(source.place(), f"is a picture that is not there{more}, so its description stands in",
                       "put it beside the article, then import again", "body", missing[0])
    return rewritten


def _picture(target: Target, source: _Source, files: dict[str, bytes], missing: list[str]) -> str:
    """A picture as a file beside the record, a link to another site, or its description."""
    if is_address(target.address):  # pages load nothing from elsewhere
        return link(target.label.strip() or "Picture", target.address)
    data, ending = _embedded(target.address) or _file(target.address, source)
    if not is_picture(data):
        missing.append("embedded picture" if target.address.startswith("data:") else target.address)
        return plain_label(target)
    name = f"{source.id}-{hashlib.sha256(data).hexdigest()[:10]}{ending}"
    files[name] = data
    return link(target.label, name, picture=True)


def is_picture(data: bytes) -> bool:
    """Whether the bytes are a picture that a portal can show."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width > 0
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return False


def _embedded(address: str) -> tuple[bytes, str] | None:
    """A picture that stands in the text as a data URL (RFC 2397), with the ending of its file."""
    match = _DATA.match(address)
    if not match:
        return (b"", "") if address.startswith("data:") else None
    try:
        return base64.b64decode(re.sub(r"\s+", "", match[2]), validate=True), "." + match[1].replace("jpeg", "jpg")
    except (binascii.Error, ValueError):
        return b"", ""


def _file(address: str, source: _Source) -> tuple[bytes, str]:
    """A picture beside the source file or below its folder."""
    ending = Path(address).suffix.lower()
    file = source.file.folder / address
    try:
        inside = file.resolve().is_relative_to(source.file.root.resolve()) and not file.is_symlink()
        if ending in PICTURES and inside and file.is_file() and file.stat().st_size <= MAX_BYTES:
            return file.read_bytes(), ending
    except (OSError, ValueError):
        pass
    return b"", ""
