"""Builds a portal: load, resolve, shell, render, derive, index, publish."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from generator import bulletin_history
from generator.assets import Assets, make_assets
from generator.building import STAGES, BuildFailed, Clock, Options, Provider, Summary
from generator.bulletin_history import History, Terms, history_bytes, history_of, read_history, rewritten
from generator.changes import changes
from generator.concealed import named_in_settings
from generator.csaf.publishing import put_csaf
from generator.csaf.signing import SigningError, SigningKey, key_finding, signing_key
from generator.edition import Edition
from generator.exposure import Exposure
from generator.feeds import feed_files
from generator.i18n import ui_languages
from generator.keys import Keys, make_keys
from generator.known import Known, load_known, save_known
from generator.look import look
from generator.machine import names, redirect_maps, robots, sitemaps
from generator.mkdocs_config import mkdocs_file, named_files
from generator.osv import osv_files
from generator.output import Tree, check_target, kept_folder, locked, state_file
from generator.plan import Derived, Draft
from generator.prose import ProseIndex, ProseIndexError, ProsePage
from generator.record_lists import record_files
from generator.render import Renderer
from generator.security_txt import security_txt
from generator.shards import PART, Parts, part_file
from generator.shell import Shell, check_pages, make_shell
from generator.tree_state import read_marker
from generator.unchanged import inputs_of, remember
from generator.urls import file_of
from generator.work import Made, Workshop, all_drafts, general_drafts, make_all, record_drafts
from kb.findings import Finding, errors
from kb.library import Library, View
from kb.load import load
from kb.reporting import Report, quiet
from kb.resolve import resolve
from kb.source import line_with
from kb.store import Row
from kb.workers import beside
from prsearch.kept import Kept, adopt
from prsearch.static import make_index, updated_index

__all__ = ["STAGES", "BuildFailed", "Clock", "Options", "Prepared", "Summary", "build", "check", "make_editions", "prepare"]


class Files(NamedTuple):
    """The SHA-256 of each file of an index by path, and the bytes of those that the live tree lacks."""

    digests: Mapping[str, str]
    data: Mapping[str, bytes]


class Prepared(msgspec.Struct, frozen=True):
    """All that is known before anything is written; ``until`` is when the next embargo ends, ``bulletins`` are all security
    bulletins of the site by key, ``key`` signs CSAF documents."""

    library: Library
    shell: Shell
    editions: list[Edition]
    notes: tuple[Finding, ...]
    until: datetime | None
    bulletins: Mapping[str, Row]
    key: SigningKey | None = None


def prepare(options: Options, clock: Clock | None = None, report: Report = quiet) -> Prepared:
    """Loads, resolves and plans; raises BuildFailed with every finding where one of them is an error."""
    clock = clock or Clock()
    content = load(options.site, ui_languages(), options.cache, options.jobs, report)
    clock.stage("load")
    library, findings = resolve(content, View(options.at, options.audience, options.drafts))
    clock.stage("resolve")
    if library is None:
        check_pages(options.site, findings)
        raise BuildFailed(findings)
    hidden = [content.records.decoded(row) for row in content.records.rows if row.head.key not in library.records]
    shell, more = make_shell(options.site, library.portal, hidden, options.cache)
    findings += [*more, *named_in_settings(options.site, library, mkdocs_file(options.site), hidden)]
    unsigned = options.drafts or options.shard is not None  # no preview asks for a passphrase, and parts hold pages alone
    key, doubts = (None, []) if unsigned else signing_key(library.portal, options.at)
    findings += doubts
    clock.stage("shell")
    if shell is None:
        raise BuildFailed(findings)
    editions = make_editions(library)
    if errors(findings):
        raise BuildFailed([*findings, *_check_pages(editions, shell, library, options)])
    clock.stage("releases")
    later = [at for row in content.records.rows if (at := row.head.publish_at) and at > options.at]
    bulletins = {row.head.key: row for row in content.records.rows if row.head.tlp}
    return Prepared(library, shell, editions, tuple(sorted(set(findings))), min(later, default=None), bulletins, key)


def check(options: Options) -> tuple[Finding, ...]:
    """Everything that a build would find, without writing: notes only. Raises BuildFailed where one is an error."""
    prepared = prepare(options)
    guard = _rewritten(prepared, options, history_of(prepared.library)) if options.published else []
    _refuse([*prepared.notes, *guard, *_check_pages(prepared.editions, prepared.shell, prepared.library, options)])
    return prepared.notes


def _check_pages(editions: list[Edition], shell: Shell, library: Library, options: Options) -> list[Finding]:
    """What is wrong with addresses and links, of pages that are planned and not rendered."""
    drafts = list(all_drafts(editions, make_keys(editions, shell, make_assets()), shell))
    pages = [outcome.made for outcome in make_all(Workshop({}, None, {}), drafts, options.jobs, lambda done, total: None)]
    return [*check_addresses(pages, library), *check_links(pages, shell, options.site)]


def build(options: Options, report: Report = quiet) -> Summary:
    """Builds the portal of one audience at one time. Raises BuildFailed, OutputError and WorkerLost; then
    nothing has changed."""
    clock, watched = Clock(report), _watched(options.site)
    state = state_file(options.cache, options.out)
    with beside(partial(inputs_of, options.site, watched)) as inputs, beside(partial(look, options.out, state)) as seen:
        prepared = prepare(options, clock, report)
        check_target(options.out)
        with locked(options.out):
            tree = Tree(options.out, state, seen())
            try:
                with beside(partial(_updated_index, prepared.library, _index_folder(options))) as updated:
                    pages, rendered, csaf = _stage(tree, prepared, options, report, clock, updated)
                different = changes(tree.live, tree.paths, tree.written_paths) if tree.live or not options.out.exists() else None
                changed = tree.publish()
            except ProseIndexError as error:
                raise BuildFailed([Finding("", 0, "pagefind", "", f"failed: {error}", "report it with this message")]) from None
            finally:
                tree.discard()
            clock.stage("publish")
            summary = Summary(len(prepared.library.records), pages, rendered, len(tree.paths), tree.written, tree.size,
                              changed, clock.seconds, prepared.notes, different, csaf)
            if not options.shard:
                remember(options, inputs(), watched, prepared.until, read_marker(options.out), summary)
    return summary


def _watched(site: Path) -> tuple[str, ...]:
    """Files that the shell depends on, with their folders and where one may appear."""
    configuration = mkdocs_file(site)
    found = named_files(configuration) if configuration else []
    return tuple(map(str, dict.fromkeys([site.absolute().parent / "mkdocs.yml", *found, *(file.parent for file in found[1:])])))


def make_editions(library: Library) -> list[Edition]:
    exposure = Exposure(library)
    return [Edition(library, language, exposure) for language in library.portal.languages]


def check_addresses(pages: Collection[Made], library: Library) -> Iterator[Finding]:
    """Findings for addresses that two pages claim, in whatever case."""
    taken: set[str] = set()
    if len({page.path.casefold().removesuffix("index.html") for page in pages}) == len(pages):
        return
    for page in pages:
        name = file_of(page.path).casefold()
        if name in taken:
            yield _collision(page.path, library)
        taken.add(name)


def _collision(path: str, library: Library) -> Finding:
    for redirect in library.redirects:
        if redirect.old.strip("/").casefold() == path.strip("/").casefold():
            return Finding(redirect.place.path, redirect.place.line, "", redirect.old, "is the address of a page",
                           "remove the redirect or choose another old address")
    return Finding("", 0, "", f"/{path}", "is the address of two pages", "rename one of the files that make it")


_MADE_LATER = re.compile(
    r"(.*/)?feeds/[^/]+\.atom|(assets|attachments|\.well-known/csaf)/.*|(.*/)?search/names\.json|osv/[^/]+\.json|sitemap\.xml"
    r"|robots\.txt|\.well-known/security\.txt")


def check_links(pages: Sequence[Made], shell: Shell, root: Path) -> Iterator[Finding]:
    """Findings for links that authors wrote and that lead to no page of this build."""
    known = {page.path for page in pages} | shell.files.keys()
    others = {target for page in pages for target in page.targets if target not in known}
    files = {file_of(path) for path in known} if others else set()
    lost = {target for target in others if file_of(unquote(target)) not in files and not _MADE_LATER.fullmatch(target)
            and not target.endswith(".md")}
    for page in pages if lost else ():
        for target in page.targets:
            if target in lost:
                written = target.removeprefix(f"{page.language}/")  # authors leave the language out
                yield Finding(page.source, line_with(root, page.source, unquote(written)), "link", f"/{written}",
                              "leads to no page", "write the address of a page, such as /kb/ or /kb/KB10042/")


def _stage(tree: Tree, prepared: Prepared, options: Options, report: Report, clock: Clock,
           updated: Callable[[], Files | None]) -> tuple[int, int, Provider | None]:
    """Writes the whole next tree; gives the number of pages, of those that had to be rendered, and what CSAF provider it holds.
    Raises BuildFailed."""
    editions, shell = prepared.editions, prepared.shell
    assets = make_assets()
    keys = make_keys(editions, shell, assets)
    if options.shard is None:
        _put_history(tree, prepared, keys[editions[0].language], options)
    kept = state_file(options.cache, options.out, "pages")
    now = Known.of(prepared.library, keys)
    pages, others = _finished(tree, prepared, keys, load_known(kept), now, options)
    clock.stage("keys")
    renderers = {edition.language: Renderer(edition, shell, assets) for edition in editions}
    rendered = 0
    for made, file, written in make_all(Workshop(renderers, tree.writer, tree.live), others, options.jobs,
                                        lambda done, total: report("pages", done, total)):
        path = file_of(made.path)
        if not tree.has(path):
            if file:
                tree.accept(path, file, written)
            else:
                tree.keep(path, made.key)
        rendered += file is not None
        pages.append(made)
    csaf = None
    if options.shard:
        _refuse(prepared.notes)
        tree.put(PART, part_file(options.shard, pages, tree.paths))
    else:
        csaf = _finish(tree, prepared, keys, assets, pages, options, clock, updated)
    save_known(kept, msgspec.structs.replace(now, pages=pages))
    return len(pages), rendered, csaf


def _put_history(tree: Tree, prepared: Prepared, keys: Keys, options: Options) -> None:
    """Adds the list of bulletins. Raises BuildFailed where it says otherwise than what is published."""
    library = prepared.library
    shown = [head.key for head in library.heads.values() if head.tlp]
    key = keys.of((bulletin_history.PATH, [library.digest_of(name) for name in shown]), shown)
    is_kept = tree.keep(bulletin_history.PATH, key)
    if is_kept and not options.published:
        return
    history = history_of(library)
    _refuse([*prepared.notes, *_rewritten(prepared, options, history, options.out)])
    if not is_kept:
        tree.put(bulletin_history.PATH, history_bytes(history), key)


def _rewritten(prepared: Prepared, options: Options, history: History, live: Path | None = None) -> Iterator[Finding]:
    """What the history says otherwise than that of the tree at ``live`` and than what else is known to be published."""
    terms = Terms(options.at, options.now, options.rewrites)
    known = [read_history(options.published, required=True)] if options.published else []
    if live and not options.drafts:
        known.append(read_history(live / bulletin_history.PATH))
    for before in known:
        if isinstance(before, Finding):
            yield before
        elif before:
            yield from rewritten(before, history, prepared.bulletins, options.site, terms)


def _finish(tree: Tree, prepared: Prepared, keys: Mapping[str, Keys], assets: Assets, pages: Sequence[Made], options: Options,
            clock: Clock, updated: Callable[[], Files | None]) -> Provider | None:
    """Adds all that is no page. Raises BuildFailed where pages or their links are wrong, or documents cannot be signed."""
    editions, shell, library = prepared.editions, prepared.shell, prepared.library
    _refuse([*prepared.notes, *check_addresses(pages, library), *check_links(pages, shell, options.site)])
    clock.stage("pages")
    prose = [ProsePage(path := file_of(page.path), page.language, tree.digest_of(path)) for page in pages if page.prose]
    with ProseIndex(prose, tree.staged, tree.live, options.jobs) as index:
        for derived in _derived(editions, keys, pages, tree.digest_of):
            if not (derived.key and tree.keep(derived.path, derived.key)):
                tree.put(derived.path, derived.make(), derived.key)
        csaf = _put_csaf(tree, prepared, keys, options)
        for name, data in (*shell.files.items(), *assets.files.items()):
            tree.put(name, data)
        for source, name in _used_attachments(library, pages):
            tree.copy(f"attachments/{name}", options.site / source)
        clock.stage("derive")
        _put_index(tree, library, options, updated)
        index.put_into(tree)
    clock.stage("index")
    return csaf


def _put_csaf(tree: Tree, prepared: Prepared, keys: Mapping[str, Keys], options: Options) -> Provider | None:
    kept = state_file(options.cache, options.out, "signatures")
    try:
        return put_csaf(tree, prepared.editions, keys, prepared.key, kept, options.jobs)
    except SigningError as error:
        raise BuildFailed([key_finding(prepared.library.portal, error)]) from None


def _finished(tree: Tree, prepared: Prepared, keys: Mapping[str, Keys], known: Known, now: Known,
              options: Options) -> tuple[list[Made], list[Draft]]:
    """The pages that stay as they are in the live tree or come from parts, and the drafts of all others: those of records that
    were not touched are not even asked. Raises OutputError."""
    touched = set(now.records) if options.shard or options.parts else known.touched(now, prepared.library)
    editions, others, parts = prepared.editions, [], Parts(options.parts) if options.parts else None
    made = {page.path: page for page in known.pages}
    pages = _untouched(tree, editions, known.pages, touched)
    drafts = chain(general_drafts(editions, keys, prepared.shell), record_drafts(editions, keys, touched))
    for draft in drafts:
        if options.shard and not options.shard.has(draft.path):
            continue
        before = made.get(draft.path) if draft.key else None
        path = file_of(draft.path)
        if before and before.key == draft.key and not tree.has(path) and tree.keep(path, draft.key):
            pages.append(before)
        elif parts and (found := parts.put(tree, draft)):
            pages.append(found)
        else:
            others.append(draft)
    return pages, others


def _untouched(tree: Tree, editions: Sequence[Edition], known: Sequence[Made], touched: set[str]) -> list[Made]:
    """The pages of records that stay; records of which one does not are from now on touched."""
    untouched = editions[0].library.heads.keys() - touched
    found = {page.path + "index.html": page for page in known if page.record in untouched}
    untouched -= {page.record for path, page in found.items() if not tree.holds(path, page.key)}
    found = {path: page for path, page in found.items() if page.record in untouched}
    if len(found) != len(editions) * len(untouched):
        found, untouched = {}, set()
    touched |= editions[0].library.heads.keys() - untouched
    tree.keep_all(found)
    return [*found.values()]


def _put_index(tree: Tree, library: Library, options: Options, updated: Callable[[], Files | None]) -> None:
    """Adds the index of PR Search: what the last build kept of it, ``updated``, as long as the live tree has those files."""
    found, folder = updated(), _index_folder(options)
    if found is None or not all(path in found.data or tree.keep(f"prsearch/{path}", digest)
                                for path, digest in found.digests.items()):
        index = make_index(library, options.jobs)
        found = Files(index.digests, index.data)
        if folder:
            index.kept.stage(folder)
    if folder:
        adopt(folder)
    for path, data in found.data.items():
        if not tree.has(f"prsearch/{path}"):
            tree.put(f"prsearch/{path}", data, found.digests[path])


def _updated_index(library: Library, folder: Path | None) -> Files | None:
    """What has to be written for the index that was kept to be that of a library; None where there is none or too much is new."""
    kept = Kept.load(folder) if folder else None
    index = updated_index(library, kept) if kept else None
    if index is None or kept is None or folder is None:
        return None
    index.kept.stage(folder)
    return Files(index.digests, index.data)


def _index_folder(options: Options) -> Path | None:
    return kept_folder(options.cache, options.out, "index") if options.shard is None else None


def _refuse(findings: Sequence[Finding]) -> None:
    if errors(findings):
        raise BuildFailed(findings)


def _derived(editions: list[Edition], keys: Mapping[str, Keys], pages: Iterable[Made],
             digest_of: Callable[[str], str]) -> Iterator[Derived]:
    library = editions[0].library
    for edition in editions:
        yield from feed_files(edition, keys[edition.language])
        yield names(edition, keys[edition.language])
    yield from osv_files(editions[0], keys[editions[0].language])
    yield from record_files(editions[0], keys[editions[0].language], digest_of)
    yield from sitemaps(library.portal, pages, keys[library.portal.language].of)
    for path, data in (("robots.txt", robots(library.portal)), *security_txt(library), *redirect_maps(library)):
        yield Derived(path, "", partial(bytes, data))


def _used_attachments(library: Library, pages: Iterable[Made]) -> list[tuple[str, str]]:
    """(path in the site, name) of the attachments that pages of this build link to."""
    by_name = {attachment.name: attachment.path for attachment in library.attachments.values()}
    used = {target.removeprefix("attachments/") for page in pages for target in page.targets if target.startswith("attachments/")}
    return [(by_name[name], name) for name in sorted(used) if name in by_name]
