"""Pages that are not planned yet: whatever is edited, one whose key stays the same has the same bytes as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from generator import feed_windows, feeds
from generator.assets import make_assets
from generator.build import Options, make_editions, prepare
from generator.keys import make_keys
from generator.pages import archive, listings, products
from generator.render import Renderer
from generator.work import Workshop, all_drafts
from tests.generator.support import AT, FRAME, article, edit, report, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell", "short_lists")

COUNT = 7  # reports that every list has, more than a short one shows


class Shown(NamedTuple):
    """A page or feed as a build would make it: its bytes, and what the build keeps of it beside them."""

    data: bytes
    facts: object


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are cut and go over to another page where they are short already."""
    for module, name, most in ((listings, "LISTED", 6), (listings, "PER_PAGE", 2), (listings, "NEWS", 5), (products, "LISTED", 2),
                               (products, "LATEST", 2), (archive, "PER_PAGE", 3), (feed_windows, "WINDOW", 3), (feed_windows, "RUN", 2)):
        monkeypatch.setattr(module, name, most)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site of which every page that a key stands for has something to show."""
    root = write_site(tmp_path / "site")
    for number in range(COUNT - 1):
        write(root, f"reports/{200001 + number}.md", report(
            str(200001 + number), component="web", updated=f"2026-04-{10 + number}", severity="high",
            affected="[{product: box, platforms: [bx1], ranges: [1.0 before 1.0.1], fixed: [1.0.1]}]"))
    return root


def shown(root: Path, **options: object) -> dict[str, tuple[str, Shown]]:
    """Each page that has a key without being planned, and each feed, by path with its key."""
    options = {"at": AT} | options
    prepared = prepare(Options(root, root / "out", **options))  # type: ignore[arg-type]
    editions, assets = make_editions(prepared.library), make_assets()
    keys = make_keys(editions, prepared.shell, assets)
    renderers = {edition.language: Renderer(edition, prepared.shell, assets) for edition in editions}
    planner, found = Workshop({}, None, {}), {}
    for draft in all_drafts(editions, keys, prepared.shell):
        if draft.key:
            [outcome] = planner.make([draft])
            assert outcome.made.key == draft.key and outcome.made.path == draft.path
            made = outcome.made if outcome.made.targets else msgspec.structs.replace(outcome.made, source="")  # of use for links only
            found[draft.path] = draft.key, Shown(renderers[draft.language].render(draft.plan()), made)
    windows = feed_windows.Windows(prepared.library)
    for edition in editions:
        for file in feeds.feed_files(edition, keys[edition.language], windows):
            found[file.path] = file.key, Shown(file.make(), None)
    return found


def stale(before: dict[str, tuple[str, Shown]], after: dict[str, tuple[str, Shown]]) -> Iterator[str]:
    """Paths of what would stay as it was in an incremental build though it must not."""
    for path, (key, page) in after.items():
        if path in before and before[path][0] == key and before[path][1] != page:
            yield path


def add_the_oldest_report(root: Path) -> None:
    write(root, "reports/100009.md", report("100009", component="web", created="2026-01-01", updated="2026-01-01"))


def write_aliased(root: Path, holder: str) -> None:
    for name in ("KB10005", "KB10006"):
        write(root, f"articles/{name}.md", article(name, aliases="[BOX-1]" if name == holder else "[]"))


def add_the_newest_report(root: Path) -> None:
    write(root, "reports/300009.md", report("300009", component="web", updated="2026-05-01"))


def delete_a_report(root: Path) -> None:
    (root / "reports/200003.md").unlink()


def retitle(root: Path) -> None:
    edit(root, "reports/200003.md", "title: Report 200003", "title: The box is warm")


def retitle_in_another_language(root: Path) -> None:
    edit(root, "articles/KB10001.ru.md", "title: Перезапуск", "title: Новый запуск")


def translate_into_a_language_without_a_tree(root: Path) -> None:
    write(root, "articles/KB10002.es.md", "---\ntitle: Limpiar\n---\n\nVea [el registro](box.log) y [[KB10001]].\n")


def change_an_attachment(root: Path) -> None:
    write(root, "articles/box.log", "box[1]: halted\n")


def mend_in_another_release(root: Path) -> None:
    edit(root, "reports/200003.md", "ranges: [1.0 before 1.0.1], fixed: [1.0.1]", "ranges: [1.0 through 1.0.1], fixed: []")


def speak_of_no_component(root: Path) -> None:
    edit(root, "reports/200005.md", "component: web\n", "")


def rename_a_component(root: Path) -> None:
    edit(root, "products.yml", "name: Web}", "name: Web interface}")


def move_a_date_of_publication(root: Path) -> None:
    edit(root, "reports/200001.md", "created: 2026-03-01", "created: 2026-02-27")


def recommend_another_release(root: Path) -> None:
    edit(root, "products.yml", "id: 1.0.0,", "id: 1.0.0, recommended: true,")


def drop_a_language(root: Path) -> None:
    edit(root, "portal.yml", "languages: [en, ru]", "languages: [en]")


def link_another_record(root: Path) -> None:
    edit(root, "articles/KB10002.md", "Use a brush.", "Use a brush, see [[100001]].")


def hide(root: Path) -> None:
    edit(root, "articles/KB10002.md", "status: published", "status: draft")


EDITS: list[Callable[[Path], None]] = [
    add_the_oldest_report, add_the_newest_report, delete_a_report, retitle, retitle_in_another_language,
    translate_into_a_language_without_a_tree, change_an_attachment, mend_in_another_release, speak_of_no_component,
    rename_a_component, move_a_date_of_publication, recommend_another_release, drop_a_language, link_another_record, hide,
]


@pytest.mark.parametrize("change", EDITS, ids=lambda change: change.__name__)
def test_equal_keys_stand_for_equal_bytes(root: Path, change: Callable[[Path], None]) -> None:
    before = shown(root)
    change(root)
    after = shown(root)
    assert after != before
    assert list(stale(before, after)) == []
    assert list(stale(after, before)) == []


def test_a_link_by_another_name_that_moves_between_related_records(root: Path) -> None:
    write_aliased(root, "KB10005")
    write(root, "articles/KB10007.md", article("KB10007", "See [[BOX-1]].\n", related="[KB10005, KB10006]"))
    before = shown(root)
    write_aliased(root, "KB10006")
    assert list(stale(before, shown(root))) == []


def test_a_notice_that_becomes_an_advisory_of_the_same_id(root: Path) -> None:
    text = (root / "advisories/SA-2026-0001.md").read_text(encoding="utf-8").replace("SA-2026-0001", "SB-2026-0001")
    text = text.replace("2026-02-10", "2026-06-10")
    write(root, "notices/SB-2026-0001.md", text)
    before = shown(root)
    (root / "notices/SB-2026-0001.md").rename(root / "advisories/SB-2026-0001.md")
    assert list(stale(before, shown(root))) == []


def test_a_record_in_another_folder(root: Path) -> None:
    before = shown(root)
    (root / "reports/old").mkdir()
    (root / "reports/200001.md").rename(root / "reports/old/200001.md")
    assert list(stale(before, shown(root))) == []


def test_a_link_in_html_behind_another_attribute(root: Path) -> None:
    write(root, "articles/KB10007.md", article("KB10007", '<a data-href="https://e.org/" href="KB10002">Brush</a>\n\n'
                                               '<a href="#x" href="KB10002">Brush</a> <a src="/kb/" href="KB10002">x</a>\n'))
    before = shown(root)
    edit(root, "articles/KB10001.md", "Read [[KB10002]] too.", "")
    edit(root, "articles/KB10002.md", "status: published", "status: draft")
    assert list(stale(before, shown(root))) == []


def test_previews_know_what_time_it_is(root: Path) -> None:
    write(root, "reports/200009.md", report("200009", publish_at="2026-12-01T00:00:00Z"))
    before = shown(root, drafts=True)
    after = shown(root, drafts=True, at=AT + timedelta(days=30))
    assert before.keys() == after.keys()
    assert list(stale(before, after)) == []


@pytest.mark.parametrize(("old", "new"), [
    ("<!--wp:head-->", "<!--wp:head--><script>{}()</script>"), ("<main>", "<!--wp:mine-->{}<!--/wp:mine--><main>")])
def test_what_a_frame_has_in_its_slots(root: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    found = []
    for word in ("one", "two"):
        monkeypatch.setattr("tests.generator.support.FRAME", FRAME.replace(old, new.replace("{}", word)))
        found.append(shown(root))
    assert list(stale(*found)) == []
