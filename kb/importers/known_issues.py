"""Known issues as a software vendor publishes them: Markdown in a folder a language, or a list in JSON Lines."""

from __future__ import annotations

import re

import msgspec

from kb.importers.dates import day
from kb.importers.drafts import Draft, body_of, store
from kb.importers.emit import Yaml
from kb.importers.issue_list import import_issue_list
from kb.importers.job import Job, Numbers
from kb.importers.links import Target, is_address, link, rewrite_links
from kb.importers.markdown import squeeze, tidy_markdown
from kb.importers.names import STATUSES
from kb.importers.sources import Article, SourceFile, read_article, source_files
from kb.importers.words import first_sentence, one_line, plain_text, title
from kb.records import normal_id
from kb.text import split_sections

_PRODUCT = "VTEX"  # whose known issues have this form; an option names another product
# Headings of the source in any of its languages, and the sections that they are here.
_HEADINGS = {
    "summary": "problem", "sumario": "problem", "sumário": "problem", "resumen": "problem", "resumo": "problem",
    "simulation": "trigger", "error simulation": "trigger", "simulación": "trigger", "simulação": "trigger",
    "workaround": "workaround", "solución alternativa": "workaround", "solução de contorno": "workaround",
    "solution": "solution", "solución": "solution", "solução": "solution",
}
_PICTURE = {"es": "Imagen", "pt": "Imagem"}
_NOTHING = re.compile(r"(?:n\W{0,2}a|none|nothing|-+|no|nenhum|ninguno)?\W*", re.IGNORECASE)
_NOT_TRANSLATED = re.compile(r">\s*⚠️\s*(?:Este contenido sólo está disponible en|Este conteúdo só está disponível em)[^\n]*")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


class _Issue(msgspec.Struct, frozen=True):
    """One language version of a known issue."""

    id: str
    language: str
    file: SourceFile
    article: Article

    def field(self, name: str) -> str:
        text = one_line(self.article.fields.get(name, ""))
        return "" if text.casefold() in {"null", "none"} else text


def import_known_issues(job: Job) -> None:
    """Markdown files become reports with translations; then come lists in JSON Lines."""
    if job.source.is_file() and job.source.suffix.lower() == ".jsonl":
        lists, files = [SourceFile(job.source.name, job.source.parent, str(job.source))], []
    else:
        found = source_files(job.source, (".md", ".jsonl"), job.tally)
        lists = [file for file in found if file.path.lower().endswith(".jsonl")]
        files = [file for file in found if file not in lists]
    issues = _issues(files, job)
    if issues:
        _import_issues(issues, job.book.product(job.options.product or _PRODUCT), job)
    if lists:
        import_issue_list(lists, job)


def _issues(files: list[SourceFile], job: Job) -> dict[str, list[_Issue]]:
    """Language versions by source id, the original first: that in English, else the first by language."""
    found: dict[str, dict[str, _Issue]] = {}
    for file in files:
        article = read_article(file, job.tally)
        if article is None:
            continue
        issue_id = one_line(article.fields.get("id", "")) or file.stem
        language = article.fields.get("locale", "").strip() or _folder_language(file) or job.options.language
        if not _LANGUAGE.fullmatch(language):
            job.tally.reject(file.place(article.lines.get("locale", 1)), "is no language tag", "write a tag such as en",
                             "locale", language)
        elif first := found.setdefault(issue_id, {}).get(language):
            job.tally.reject(file.place(1), f"has the id and language of {first.file.shown}", "keep one", "id", issue_id)
        else:
            found[issue_id][language] = _Issue(issue_id, language, file, article)
    order = {job.options.language: 0, "en": 1}
    return {issue_id: sorted(versions.values(), key=lambda issue: (order.get(issue.language, 2), issue.language))
            for issue_id, versions in sorted(found.items()) if versions}


def _folder_language(file: SourceFile) -> str:
    return next((part for part in reversed(file.path.split("/")[:-1]) if _LANGUAGE.fullmatch(part)), "")


def _import_issues(issues: dict[str, list[_Issue]], product: str, job: Job) -> None:
    job.book.settle()
    numbers = Numbers(job.site)
    wanted = {issue_id: _wanted(versions) for issue_id, versions in issues.items()}
    drafts: list[Draft] = []
    for issue_id in sorted(issues, key=lambda key: (not wanted[key], key)):  # records with a number of their own first
        versions = issues[issue_id]
        number = numbers.give(wanted[issue_id], f"issue:{issue_id}", issue_id)
        drafts.append(_report(versions[0], number, wanted[issue_id], product, job))
        drafts += [draft for issue in versions[1:] if (draft := _translation(issue, number, job))]
    store(drafts, job.site, job.book.write(job.place))


def _wanted(versions: list[_Issue]) -> str:
    """The number that a record claims in any of its languages, else an empty string."""
    given = (normal_id(issue.field("internalReference")) for issue in versions)
    return next((text for text in given if re.fullmatch(r"[1-9]\d{0,8}", text)), "")


def _report(issue: _Issue, number: str, wanted: str, product: str, job: Job) -> Draft:
    tags = list(dict.fromkeys(part for tag in issue.field("tag").split(",") if (part := tag.strip())))
    team = issue.field("productTeam")
    created = day(issue.field("createdAt")) or day(issue.field("firstPublishedAt")) or job.options.date
    updated = max(created, day(issue.field("updatedAt")))
    state = issue.field("kiStatus")
    status = STATUSES.get(state.casefold(), "")
    if not status:
        job.tally.note(issue.file.place(issue.article.lines.get("kiStatus", 1)), "is no known status, so it counts as open",
                       f"use one of {', '.join(STATUSES)}", "kiStatus", state)
    hidden = issue.field("status").casefold() in {"draft", "archived"}
    sections = _sections(issue)
    name = title(issue.field("title") or issue.id)
    summary = _summary(sections)
    fields: dict[str, Yaml] = {
        "id": number, "title": name, "summary": summary if summary != name else "",
        "language": job.language_field(issue.language),
        "aliases": [issue.id, *([wanted] if wanted and wanted != number else [])],
        "keywords": [word for word in (*tags[1:], team) if word and word not in tags[:1]],
        "status": "draft" if hidden else status or "open",
        "component": job.book.component(product, tags[0]) if tags else "", "affected": [{"product": product}],
        "created": created, "updated": updated,
    }
    return Draft(kind="report", id=number, fields=fields, body=body_of(sections), origin=issue.file.place(1),
                 sources=(f"issue:{issue.id}",))


def _translation(issue: _Issue, number: str, job: Job) -> Draft | None:
    """The translation, or None (with a note) where it says only that there is none."""
    body = issue.article.body
    rest = re.sub(r"^#.*$", "", _NOT_TRANSLATED.sub("", body), flags=re.MULTILINE)
    if _NOT_TRANSLATED.search(body) and not re.search(r"\w", rest):
        job.tally.note(issue.file.place(issue.article.body_line), "says only that it is not translated, so it is left out",
                       "nothing needs to be done", "body")
        return None
    sections = _sections(issue)
    name = title(issue.field("title") or issue.id)
    summary = _summary(sections)
    fields: dict[str, Yaml] = {"title": name, "summary": summary if summary != name else ""}
    return Draft(kind="report", id=number, language=issue.language, fields=fields, body=body_of(sections),
                 origin=issue.file.place(1), sources=(f"issue:{issue.id}",))


def _sections(issue: _Issue) -> list[tuple[str, str]]:
    """(key or heading, text) pairs; sections that say nothing are left out."""
    label = _PICTURE.get(issue.language, "Picture")

    def change(target: Target) -> str:
        address = "https:" + target.address if target.address.startswith("//") else target.address
        if target.picture and is_address(address):  # pages load nothing from elsewhere
            return link(target.label.strip() or label, address)
        return link(target.label, address, target.picture)

    markdown = squeeze(rewrite_links(tidy_markdown(issue.article.body), change))
    found = []
    for section in split_sections(markdown, 0):
        heading = plain_text(section.title)
        key = section.key or _HEADINGS.get(heading.casefold().rstrip(":"), "") or heading
        if not _NOTHING.fullmatch(section.markdown.strip()):
            found.append((key, section.markdown))
    return found


def _summary(sections: list[tuple[str, str]]) -> str:
    """The first sentence of the problem, without the remark of a translation program."""
    problem = next((text for key, text in sections if key in {"problem", ""}), "")
    words = plain_text(re.sub(r"^>.*$", "", problem, flags=re.MULTILINE))
    return first_sentence(words)
