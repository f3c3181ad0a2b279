"""Lists of known issues out of release notes: JSON Lines with id, description, affects and fixed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from kb.importers.affected import affected_yaml, with_fixes, without_contradictions
from kb.importers.dates import day
from kb.importers.drafts import Draft, body_of, store
from kb.importers.emit import Yaml
from kb.importers.job import Job, Numbers, is_number
from kb.importers.links import link
from kb.importers.plain import markdown_from_plain
from kb.importers.sources import SourceFile, clean, json_lines
from kb.importers.words import MAX_SUMMARY, first_sentence, one_line, plain_text, shortened, title
from kb.ranges import Affected, VersionRange, parse_fixed, parse_range
from kb.records import Place, normal_id
from kb.releases import ReleaseError

_MONOSPACED = re.compile(r"\{\{(.+?)\}\}|<(?:code|tt|samp)>(.+?)</(?:code|tt|samp)>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\s*</?(?:p|div)>\s*", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]*?href\s*=\s*([\"'])(https?://[^\"'<>\s]*)\1[^<>]*>([^<>\[\]]*)</a>", re.IGNORECASE)
_STRONG = re.compile(r"<(?:b|strong)>([^<>\n]*\S[^<>\n]*)</(?:b|strong)>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w_])_(\w[^_\n]*\w)_(?![\w_])")
_LIST_ITEM = re.compile(r"\s*<li>(.*?)(?:</li>|(?=<li>|</[uo]l>))\s*", re.DOTALL | re.IGNORECASE)
_LIST = re.compile(r"\s*</?[uo]l>\s*", re.IGNORECASE)
_WORKAROUND = re.compile(r"(?<=[.\n])\s*(?=To work ?around this (?:issue|problem)[, ])", re.IGNORECASE)
_TITLE = 140


class _Issue(msgspec.Struct, frozen=True):
    id: str
    place: Place
    product: str
    description: str
    affects: tuple[str, ...]
    fixed: tuple[str, ...]
    fields: Mapping[str, object]
    file_day: str


def import_issue_list(files: list[SourceFile], job: Job) -> None:
    """Each line becomes a problem report."""
    issues = [issue for file in files for issue in _issues(file, job)]
    for issue in issues:
        product = job.book.product(issue.product)
        words = (word for text in (*issue.affects, *issue.fixed) for word in re.split(r"[\s,;]+|-(?=\d)", text))
        job.book.add_versions(product, (word for word in words if word[:1].isdigit()))
    job.book.settle()
    numbers = Numbers(job.site)
    drafts = [_draft(issue, numbers, job) for issue in issues]
    if drafts:
        store(drafts, job.site, job.book.write(job.place))


def _issues(file: SourceFile, job: Job) -> Iterator[_Issue]:
    """Yields the issues of a file; a note where none of them says when it was found."""
    stamp = (file.root / file.path).stat().st_mtime if (file.root / file.path).is_file() else 0
    file_day = f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d}"
    undated = 0
    for line, fields in json_lines(file, job.tally):
        if issue := _issue(fields, file.place(line), file_day, job):
            undated += not fields.get("created")
            yield issue
    if undated and not job.options.date:
        job.tally.note(file.place(), f"has {undated} issues without a date; new ones get that of the file, {file_day}",
                       "give a date to use instead", "created")


def _issue(fields: dict[str, object], place: Place, file_day: str, job: Job) -> _Issue | None:
    """The issue on a line, or None with a finding."""
    wrong = next((name for name in ("id", "description", "product") if not isinstance(fields.get(name, ""), str)), "")
    product = one_line(str(fields.get("product") or "")) or job.options.product
    if wrong:
        job.tally.reject(place, "is not a text", "write it in quotes", wrong)
    elif not (number := one_line(str(fields.get("id") or ""))):
        job.tally.reject(place, "is missing", 'add "id": "1747984"', "id")
    elif not (description := clean(str(fields.get("description") or "")).strip()):
        job.tally.reject(place, "is missing", "add what the issue is", "description", number)
    elif not product:
        job.tally.reject(place, "is missing", "name the product, or give one for all", "product", number)
    else:
        return _Issue(number, place, product, description, _texts(fields.get("affects")), _texts(fields.get("fixed")), fields,
                      file_day)
    return None


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if isinstance(item, str) and (text := one_line(item)))


def _draft(issue: _Issue, numbers: Numbers, job: Job) -> Draft:
    product = job.book.product(issue.product)
    own = normal_id(issue.id)
    number = own if is_number(own) else numbers.give("", f"issue:{issue.id}", issue.id)
    affected = _affected(issue, product, job)
    job.book.add_releases(product, (text for item in affected.ranges for text in (item.start, item.through, *item.before)))
    job.book.add_releases(product, (part for text in affected.fixed for part in text.split("-", 1)))
    created, updated = _dates(issue, number, job)
    body, problem = _body(issue.description)
    sentence = first_sentence(problem, MAX_SUMMARY)
    name = title(str(issue.fields.get("title") or "")) or shortened(sentence.rstrip("."), _TITLE)
    fields: dict[str, Yaml] = {
        "id": number, "title": name, "summary": sentence if sentence.rstrip(".") != name else "",
        "language": job.language_field(), "aliases": [] if number == own else [issue.id],
        "status": "fixed" if affected.fixed else "open", "affected": affected_yaml([affected], job.book.scheme),
        "created": created, "updated": updated,
    }
    return Draft(kind="report", id=number, fields=fields, body=body, origin=issue.place, sources=(f"issue:{issue.id}",))


def _affected(issue: _Issue, product: str, job: Job) -> Affected:
    """The ranges and fixes that can be read; a finding for each that cannot."""
    scheme = job.book.scheme(product)
    ranges: list[VersionRange] = []
    fixed: list[str] = []
    for text in issue.affects:
        try:
            ranges += parse_range(text, scheme)
        except ReleaseError as error:
            job.tally.note(issue.place, f"{error}, so it is left out", error.remedy, "affects", text, "error")
    for text in issue.fixed:
        try:
            fixed += parse_fixed(text, scheme)
        except ReleaseError as error:
            job.tally.note(issue.place, f"{error}, so it is left out", error.remedy, "fixed", text, "error")
    entry = with_fixes([Affected(product, ranges=tuple(ranges))], scheme, ())[0]
    entry = msgspec.structs.replace(entry, fixed=tuple(dict.fromkeys((*entry.fixed, *fixed))))
    good, wrong = without_contradictions(entry, scheme)
    for text in wrong:
        job.tally.note(issue.place, "is listed as fixed, yet within an affected range, so it is not taken for fixed",
                       "ask the vendor which of them holds", "fixed", text)
    return good


def _dates(issue: _Issue, number: str, job: Job) -> tuple[str, str]:
    """Created and updated: those of the line, else of the record that there is, else the given date."""
    given = [day(str(issue.fields.get(name) or "")) for name in ("created", "updated")]
    document = job.site.document(f"reports/{number}.md")
    before = [str(document.fields[name].data) if document and name in document.fields else ""
              for name in ("created", "updated")]
    created = given[0] or before[0] or job.options.date or issue.file_day
    return created, max(created, given[1] or before[1])


def _body(description: str) -> tuple[str, str]:
    """Markdown of the record's text, and the words of the problem."""
    problem, *workaround = _WORKAROUND.split(description, maxsplit=1)
    markdown = markdown_from_wiki(problem)
    sections = [("problem", markdown), ("workaround", markdown_from_wiki("".join(workaround)))]
    return body_of(sections), plain_text(markdown)


def markdown_from_wiki(text: str) -> str:
    """Plain text with ``{{monospace}}``, ``_emphasis_`` and simple HTML as Markdown."""
    hidden: list[str] = []

    def hide(markdown: str) -> str:
        hidden.append(markdown)
        return f"\x00{len(hidden) - 1}\x00"

    text = _MONOSPACED.sub(lambda match: hide(code_span(html.unescape(match[1] or match[2]))), text)
    text = _LIST.sub("\n\n", _LIST_ITEM.sub(lambda match: f"\n- {' '.join(match[1].split())}\n", text))
    text = _PARAGRAPH.sub("\n\n", _BREAK.sub("\n", text))
    text = _LINK.sub(lambda match: hide(link(match[3], match[2])), text)
    text = _STRONG.sub(lambda match: hide(f"**{match[1].strip()}**"), text)
    text = _EMPHASIS.sub(lambda match: hide(f"*{match[1]}*"), text)
    markdown = markdown_from_plain(html.unescape(text))
    return re.sub("\x00(\\d+)\x00", lambda match: hidden[int(match[1])], markdown)


def code_span(text: str) -> str:
    """Inline code, also of a text with backticks in it."""
    words = " ".join(text.split())
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", words)), default=0))
    space = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{space}{words}{space}{ticks}"
