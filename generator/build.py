"""Builds a portal: load, resolve, shell, render, derive, index, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.addresses import check_addresses, check_links
from generator.assets import Assets, make_assets
from generator.audiences import strangers, targets
from generator.bill_of_materials import put_bill
from generator.building import STAGES, BuildFailed, Clock, Options, Provider, Summary, refuse
from generator.changes import changes
from generator.concealed import named_in_settings, unseen_in
from generator.csaf.paths import same_paths
from generator.csaf.publishing import put_csaf
from generator.csaf.signing import SigningError, SigningKey, key_finding, signing_key
from generator.derived import derived_files, put_derived, used_attachments
from generator.edition import Edition
from generator.exposure import Exposure
from generator.i18n import ui_languages
from generator.index_files import IndexFiles, put_index, updated_files
from generator.keys import Keys, make_keys
from generator.known import Known, load_known, save_known
from generator.look import look
from generator.mkdocs_config import mkdocs_file, named_files
from generator.output import Tree, publish_all
from generator.output_folder import OutputError, check_target, locked, state_file
from generator.prose import ProseIndex, ProseIndexError, ProsePage
from generator.published import checked, dated_ahead, put_history
from generator.render import Renderer
from generator.seal.tables import NOTHING_SEALED, Sealing, put_sealed, read_sealing, sources_of
from generator.shards import PART, part_file
from generator.shell import Shell, check_pages, make_shell
from generator.similar import Similar
from generator.standing import standing_pages
from generator.tree_state import read_marker
from generator.unchanged import inputs_of, remember
from generator.urls import file_of
from generator.work import Made, Workshop, all_drafts, make_all
from kb.findings import Finding, errors
from kb.library import Library, View
from kb.load import Content, load
from kb.policy_security import key_findings, key_turns
from kb.reporting import Report, quiet
from kb.resolve import resolve
from kb.store import Row
from kb.workers import beside

__all__ = ["STAGES", "BuildFailed", "Clock", "Options", "Prepared", "Summary", "build", "build_all", "build_told", "check",
           "make_editions", "prepare"]


class Prepared(msgspec.Struct, frozen=True):
    """All that is known before anything is written; ``until`` is when the next embargo ends or more is to be said of the security
    team's key, ``bulletins`` are all security bulletins of the site by key, ``rows`` are all its records, ``key`` signs CSAF
    documents, ``sealing`` is what was read of private tables."""

    library: Library
    shell: Shell
    editions: list[Edition]
    notes: tuple[Finding, ...]
    until: datetime | None
    bulletins: Mapping[str, Row]
    rows: Sequence[Row]
    key: SigningKey | None = None
    sealing: Sealing = NOTHING_SEALED


class _Staged(NamedTuple):
    """What a tree is whose next version is complete; ``known`` is what the build knew of its pages."""

    options: Options
    pages: int
    rendered: int
    csaf: Provider | None
    known: Known


def prepare(options: Options, clock: Clock | None = None, report: Report = quiet) -> Prepared:
    """Loads, resolves and plans; raises BuildFailed with every finding where one of them is an error."""
    clock = clock or Clock()
    content = load(options.site, ui_languages(), options.cache, options.jobs, report)
    clock.stage("load")
    return _prepared(content, options, clock)


def _prepared(content: Content, options: Options, clock: Clock, sealed: Sealing | None = None) -> Prepared:
    """The same of what was loaded; ``sealed`` is what another tree of this build read of private tables."""
    library, findings = resolve(content, View(options.at, options.audience, options.drafts))
    clock.stage("resolve")
    if library is None or content.portal is None:
        check_pages(options.site, findings)
        raise BuildFailed(findings)
    unseen = unseen_in(content.records.rows, library)
    shell, more = make_shell(options.site, content.portal, library.policy, unseen, options.cache)
    rows = content.records.seen_by(options.audience or content.portal.public).rows
    bulletins = {row.head.key: row for row in rows if row.head.tlp}
    findings += [*more, *named_in_settings(options.site, library, mkdocs_file(options.site), unseen),
                 *dated_ahead(library, bulletins, options), *same_paths(bulletins.values(), options.site)]
    unsigned = options.drafts or options.shard is not None  # no preview asks for a passphrase, and parts hold pages alone
    key, doubts = (None, []) if unsigned else signing_key(library.portal, options.at)
    sealing = read_sealing(library, options, sealed)
    security = library.policy.security if library.policy else None
    findings += [*doubts, *sealing.findings, *key_findings(security, options.at)]
    clock.stage("shell")
    if shell is None:
        raise BuildFailed(findings)
    editions = make_editions(library, options.jobs)
    if errors(findings):
        raise BuildFailed([*findings, *_check_pages(editions, shell, library, options)])
    clock.stage("releases")
    turns = [*(row.head.publish_at for row in content.records.rows), *key_turns(security)]
    later = [at for at in turns if at and at > options.at]
    return Prepared(library, shell, editions, tuple(sorted(set(findings))), min(later, default=None), bulletins, rows,
                    key, sealing)


def check(options: Options) -> tuple[Finding, ...]:
    """Everything that a build would find, without writing: notes only. Raises BuildFailed where one is an error."""
    found: list[Finding] = []
    content = load(options.site, ui_languages(), options.cache, options.jobs)
    for own in targets(options) or [msgspec.structs.replace(options, audience="")]:
        try:
            found += _check(content, own)
        except BuildFailed as failed:
            found += failed.findings
    refuse(found)
    return tuple(sorted(set(found)))


def _check(content: Content, options: Options) -> tuple[Finding, ...]:
    prepared = _prepared(content, options, Clock())
    guard = checked(prepared.library, prepared.rows, options)
    refuse([*prepared.notes, *guard, *_check_pages(prepared.editions, prepared.shell, prepared.library, options)])
    return prepared.notes


def _check_pages(editions: list[Edition], shell: Shell, library: Library, options: Options) -> list[Finding]:
    """What is wrong with addresses and links, of pages that are planned and not rendered."""
    drafts = list(all_drafts(editions, make_keys(editions, shell, make_assets()), shell))
    pages = [outcome.made for outcome in make_all(Workshop({}, None, {}), drafts, options.jobs, lambda done, total: None)]
    return [*check_addresses(pages, library), *check_links(pages, shell, options.site)]


def build(options: Options, report: Report = quiet) -> Summary:
    """Builds the portal of one audience at one time. Raises BuildFailed, OutputError and WorkerLost; then
    nothing has changed."""
    return build_told(options, report)[0]


def build_told(options: Options, report: Report = quiet) -> tuple[Summary, Prepared]:
    """As ``build``, with all that the portal was made of."""
    return _build([options], report)[0]


def build_all(options: Options, report: Report = quiet) -> dict[str, Summary]:
    """Builds the portals of all audiences, each into a folder of its own in ``out``; raises as ``build``, and then none has
    changed."""
    if read_marker(options.out):
        raise OutputError(f"{options.out} is the portal of one audience; choose another --out for those of all")
    found = targets(options)
    if not found:
        prepare(msgspec.structs.replace(options, audience=""))  # says what is wrong
    summaries = [summary for summary, _prepared in _build(found, report)]
    notes = tuple(strangers(options, found))
    summaries[0] = msgspec.structs.replace(summaries[0], notes=(*summaries[0].notes, *notes))
    return {one.audience: summary for one, summary in zip(found, summaries, strict=True)}


def _build(wanted: Sequence[Options], report: Report) -> list[tuple[Summary, Prepared]]:
    """Builds trees of one site: all of them, or none."""
    common, clocks, watched = wanted[0], [Clock(report) for _ in wanted], _watched(wanted[0].site)
    with ExitStack() as stack:
        inputs = stack.enter_context(beside(partial(inputs_of, common.site, watched)))
        seen = [stack.enter_context(beside(partial(look, own.out, _state(own)))) for own in wanted]
        content = load(common.site, ui_languages(), common.cache, common.jobs, report)
        clocks[0].stage("load")
        prepared = _prepare_all(content, wanted, clocks)
        for own in wanted:
            check_target(own.out)
            stack.enter_context(locked(own.out))
        trees: list[Tree] = []
        try:
            staged: list[_Staged] = []
            for own, ready, clock, looked in zip(wanted, prepared, clocks, seen, strict=True):
                clock.resume()
                trees.append(Tree(own.out, _state(own), looked(), trees))
                base = staged[0] if staged else None
                with beside(partial(updated_files, ready.library, own)) as updated:
                    staged.append(_stage(trees[-1], ready, own, report, clock, updated, base))
            different = [changes(tree.live, tree.paths, tree.written_paths) if tree.live or not tree.out.exists() else None
                         for tree in trees]
            changed = publish_all(trees)
        except ProseIndexError as error:
            raise BuildFailed([Finding("", 0, "pagefind", "", f"failed: {error}", "report it with this message")]) from None
        finally:
            for tree in trees:
                tree.discard()
        clocks[-1].stage("publish")
        summaries = [
            Summary(len(ready.library.records), done.pages, done.rendered, len(tree.paths), tree.written, tree.size, is_new,
                    clock.seconds, ready.notes, difference, done.csaf)
            for ready, done, tree, is_new, clock, difference in zip(
                prepared, staged, trees, changed, clocks, different, strict=True)]
        for own, ready, summary in zip(wanted, prepared, summaries, strict=True):
            if not own.shard:
                remember(own, inputs(), watched, ready.until, read_marker(own.out), summary,
                         ready.key.fingerprint if ready.key else "")
    return list(zip(summaries, prepared, strict=True))


def _prepare_all(content: Content, wanted: Sequence[Options], clocks: Sequence[Clock]) -> list[Prepared]:
    """All that is to be built; raises BuildFailed with the findings of all of them."""
    prepared: list[Prepared] = []
    failed: list[Finding] = []
    for own, clock in zip(wanted, clocks, strict=True):
        clock.resume()
        try:
            prepared.append(_prepared(content, own, clock, prepared[0].sealing if prepared else None))
        except BuildFailed as error:
            failed += error.findings
    refuse(failed)
    return prepared


def _state(options: Options) -> Path | None:
    return state_file(options.cache, options.out)


def _watched(site: Path) -> tuple[str, ...]:
    """Files that the shell depends on, with their folders and where one may appear."""
    configuration = mkdocs_file(site)
    found = named_files(configuration) if configuration else []
    return tuple(map(str, dict.fromkeys([site.absolute().parent / "mkdocs.yml", *found, *(file.parent for file in found[1:]),
                                         *sources_of(site)])))


def make_editions(library: Library, jobs: int = 1) -> list[Edition]:
    exposure, similar = Exposure(library), Similar(library, jobs)
    return [Edition(library, language, exposure, similar) for language in library.portal.languages]


def _stage(tree: Tree, prepared: Prepared, options: Options, report: Report, clock: Clock,
           updated: Callable[[], IndexFiles | None], base: _Staged | None) -> _Staged:
    """Writes the whole next tree; what nothing is known of begins as the tree of ``base``. Raises BuildFailed."""
    editions, shell = prepared.editions, prepared.shell
    assets = make_assets()
    keys = make_keys(editions, shell, assets)
    if options.shard is None:
        refuse([*prepared.notes, *put_history(tree, prepared.library, prepared.bulletins, keys[editions[0].language], options)])
    kept = state_file(options.cache, options.out, "pages")
    now = Known.of(prepared.library, keys)
    known = load_known(kept)
    if base and not known.pages:
        known = base.known
    pages, others = standing_pages(tree, editions, shell, keys, known, now, options)
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
        refuse(prepared.notes)
        tree.put(PART, part_file(options.shard, pages, tree.paths))
    else:
        csaf = _finish(tree, prepared, keys, assets, pages, options, clock, updated, base.options if base else None)
    known = msgspec.structs.replace(now, pages=pages, likeness=editions[0].similar.kept())
    save_known(kept, known)
    return _Staged(options, len(pages), rendered, csaf, known)


def _finish(tree: Tree, prepared: Prepared, keys: Mapping[str, Keys], assets: Assets, pages: Sequence[Made], options: Options,
            clock: Clock, updated: Callable[[], IndexFiles | None], base: Options | None) -> Provider | None:
    """Adds all that is no page. Raises BuildFailed where pages or their links are wrong, or documents cannot be signed."""
    editions, shell, library = prepared.editions, prepared.shell, prepared.library
    refuse([*prepared.notes, *check_addresses(pages, library), *check_links(pages, shell, options.site)])
    clock.stage("pages")
    prose = [ProsePage(path := file_of(page.path), page.language, tree.digest_of(path), _kind(page, library))
             for page in pages if page.prose]
    with ProseIndex(prose, tree.staged, tree.held, options.jobs) as index:
        put_derived(tree, derived_files(editions, keys, pages, tree.digest_of, assets.icon, shell.scripts), options.jobs)
        csaf = _put_csaf(tree, prepared, keys, options)
        put_sealed(tree, prepared.sealing, library, options, clock.report)
        for name, data in (*shell.files.items(), *assets.files.items()):
            tree.put(name, data)
        for source, name in used_attachments(library, pages):
            tree.copy(f"attachments/{name}", options.site / source)
        clock.stage("derive")
        put_index(tree, library, options, updated, base)
        index.put_into(tree)
        put_bill(tree, shell.files)
    clock.stage("index")
    return csaf


def _kind(page: Made, library: Library) -> str:
    return library.heads[page.record].kind if page.record else "guide"


def _put_csaf(tree: Tree, prepared: Prepared, keys: Mapping[str, Keys], options: Options) -> Provider | None:
    kept = state_file(options.cache, options.out, "signatures")
    try:
        return put_csaf(tree, prepared.editions, keys, prepared.key, kept, options.jobs)
    except SigningError as error:
        raise BuildFailed([key_finding(prepared.library.portal, error)]) from None
