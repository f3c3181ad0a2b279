"""Frames: what is cut from a built page, links made relative to the root, and themes that cannot be cut."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from generator.build import BuildFailed
from generator.frames import SLOTS, FrameError, activate_tab, cut, root_link, root_links
from generator.urls import ROOT, file_of, link, localise, slug, way_up
from tests.generator.support import FRAME, SITE, build_site, edit, page, slots, write, write_site

PAGE = FRAME.format(language="en", tab="")


def test_what_is_poured_takes_the_markers_place() -> None:
    frame = cut(PAGE)
    assert sorted(frame.slots) == sorted(SLOTS)
    poured = frame.ready({}, "./").pour({name: f"[{name}]" for name in SLOTS}).decode()
    assert poured == re.sub(r"<!--wp:(\w+)--><!--/wp:\1-->", r"[\1]", PAGE)
    assert slots(poured, frame, "./") == {name: f"[{name}]" for name in SLOTS}


def test_a_slot_without_filling_keeps_what_it_had() -> None:
    frame = cut(PAGE.replace("<!--wp:body-->", "<!--wp:body--><p>Mine</p>\n"))
    assert frame.filled["body"] == "<p>Mine</p>\n"
    assert "<main><p>Mine</p>\n</main>" in frame.ready({}, "./").pour({name: "" for name in SLOTS if name != "body"}).decode()


def test_what_pages_have_in_common_is_poured_once_for_all() -> None:
    frame = cut(PAGE.replace("<main>", f'<main><a href="{ROOT}kb/">'))
    fillings = {name: f'[{name} {ROOT}x]' for name in SLOTS}
    ready = frame.ready({name: fillings[name] for name in ("styles", "footer", "scripts")}, "../")
    assert [slot for slot, _had in ready.slots] == ["head", "topic", "search", "languages", "body"]
    page = ready.pour({name: fillings[name] for name, _had in ready.slots})
    assert page == frame.ready({}, "../").pour(fillings)
    assert ROOT not in page.decode() and b'<a href="../kb/">' in page and b"[footer ../x]" in page


def test_white_space_of_the_theme_is_squeezed_where_it_says_nothing() -> None:
    kept = "<script>\n\n  a\n</script>", "<pre>\n  b\n\n</pre>", "<textarea>\n \n</textarea>", "<style>\n  c {}\n</style>"
    frame = cut(PAGE.replace("<main>", "<main>\n \n  <p>a  b\n\n    </p> <b>c</b>\n" + "\n\n".join(kept)))
    assert "<main>\n<p>a  b\n</p> <b>c</b>\n" + "\n".join(kept) in "".join(frame.pieces)


def test_the_key_names_the_frame_and_not_what_was_in_its_slots() -> None:
    assert cut(PAGE.replace("<!--wp:body-->", "<!--wp:body-->text")).key == cut(PAGE).key
    assert cut(PAGE.replace("<main>", "<main id=a>")).key != cut(PAGE).key


@pytest.mark.parametrize("slot", SLOTS)
def test_a_missing_marker_is_named(slot: str) -> None:
    with pytest.raises(FrameError) as error:
        cut(PAGE.replace(f"<!--/wp:{slot}-->", ""))
    assert str(error.value) == f"the theme's pages lack the markers {slot}"


def test_hashes_are_of_inline_scripts_only() -> None:
    code = 'var a="<p>";\n'
    scripts = (f"<script>{code}</script><script src=x.js></script><script type=application/json>{{}}</script>"
               f'<script id="x">{code}</script>')
    expected = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert cut(PAGE.replace("<main>", f"<main>{scripts}")).scripts == (f"'sha256-{expected}'",)


@pytest.mark.parametrize(("address", "folder", "expected"), [
    ("../kb/", "help", "kb/"), ("./", "help", "help/"), (".", "help", "help/"), ("..", "help", ""), ("../", "help", ""),
    ("a.png", "help", "help/a.png"), ("/kb/", "help", "kb/"), ("/", "help", ""), ("../a/b/#c", "help/x", "help/a/b/#c"),
    ("x/?q=1", "", "x/?q=1"), ("../../assets/x.css", "help/x", "assets/x.css"), ("?q=1", "help", "help?q=1"),
])
def test_links_inside_the_site_begin_at_the_root(address: str, folder: str, expected: str) -> None:
    assert root_link(address, folder, "en", "en") == ROOT + expected


@pytest.mark.parametrize("address", ["", "#top", "https://www.example.com/", "//www.example.com/", "mailto:a@example.com",
                                     "tel:+15550142", "data:image/png;base64,xx", f"{ROOT}kb/"])
def test_other_links_stay_as_they_are(address: str) -> None:
    assert root_link(address, "help", "ru", "en") == address


@pytest.mark.parametrize(("address", "expected"), [
    ("/kb/", "ru/kb/"), ("/", "ru/"), ("../", "ru/"), ("/assets/x.css", "assets/x.css"), ("../assets/x.css", "assets/x.css"),
    ("/ru/kb/", "ru/kb/"), ("/robots.txt", "robots.txt"), ("pic.png", "ru/help/pic.png"), ("/russia/", "ru/russia/"),
])
def test_links_of_another_language_lead_into_its_tree(address: str, expected: str) -> None:
    assert root_link(address, "help", "ru", "en") == ROOT + expected


def test_a_whole_page_is_rewritten_once() -> None:
    html = ('<a href="../x/">x</a> <form action="/search/"></form> <img src="p.png"> data-href="../x/" '
            '<script>{"base": "../..", "search": "../w.js"}</script><input autocomplete="off">')
    rewritten = root_links(html, "help/index.html", "en", "en")
    assert rewritten == (f'<a href="{ROOT}x/">x</a> <form action="{ROOT}search/"></form> <img src="{ROOT}help/p.png"> '
                         f'data-href="../x/" <script>{{"base": "{ROOT}", "search": ""}}</script><input>')
    assert root_links(rewritten, "help/index.html", "en", "en") == rewritten


def test_one_header_tab_is_the_current_one() -> None:
    tabs = "".join(f'<li class="md-tabs__item{extra}"><a href="{ROOT}{place}">x</a></li>'
                   for place, extra in (("kb/", " md-tabs__item--active"), ("pr/", ""), ("help/", "")))
    marked = activate_tab(tabs, f"{ROOT}pr/")
    assert marked.count("md-tabs__item--active") == 1
    assert f'md-tabs__item--active"><a href="{ROOT}pr/"' in marked
    assert "--active" not in activate_tab(tabs, f"{ROOT}new/")


@pytest.mark.parametrize(("path", "up"), [("", "./"), ("kb/", "../"), ("kb/KB1/", "../../"), ("x.html", "./"), ("a/b.x", "../")])
def test_links_are_anchored_to_the_pages_place(path: str, up: str) -> None:
    assert way_up(path) == up


@pytest.mark.parametrize(("path", "file"), [("", "index.html"), ("kb/", "kb/index.html"), ("404.html", "404.html")])
def test_the_file_behind_an_address(path: str, file: str) -> None:
    assert file_of(path) == file


@pytest.mark.parametrize(("path", "expected"), [
    ("kb/KB1/", "kb/KB1/"), ("releases/box/1.0+b 2/", "releases/box/1.0+b%202/"), ("да/", "%D0%B4%D0%B0/"),
    ('a"b<c>/', "a%22b%3Cc%3E/"), ("search/?q=a%20b", "search/?q=a%20b"),
])
def test_addresses_are_encoded(path: str, expected: str) -> None:
    assert link(path) == ROOT + expected


@pytest.mark.parametrize(("text", "expected"), [
    ("Layer 2 switching", "layer-2-switching"), ("BGP/EVPN", "bgp-evpn"), ("Ядро и загрузка", "ядро-и-загрузка"), ("--", "x"),
    ("21.4R3-S5", "21-4r3-s5"), ("a_b", "a-b"),
])
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_paths_of_a_language() -> None:
    assert [localise("kb/", language, "en") for language in ("en", "ru")] == ["kb/", "ru/kb/"]
    assert localise("attachments/x", "ru", "en") == "attachments/x"
    assert localise("ru/kb/", "ru", "en") == "ru/kb/"


# -- whole sites -------------------------------------------------------------------------------------------------------

ONE_LANGUAGE = {"portal.yml": SITE["portal.yml"].replace("[en, ru]", "[en]"), "articles/KB10001.ru.md": None}


def test_an_override_without_markers_is_a_clear_finding(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", ONE_LANGUAGE)
    edit(root, "mkdocs.yml", "theme: {name: material, features: [navigation.tabs]}",
         "theme:\n  name: material\n  custom_dir: overrides")
    write(root, "overrides/main.html", '{% extends "base.html" %}\n')
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out")
    assert [str(finding) for finding in failed.value.findings] == [
        "mkdocs.yml: theme: the theme's pages lack the markers body, footer, head, scripts, styles; "
        "use Waypost's own overrides of Material"]


@pytest.mark.parametrize(("old", "new"), [
    ("name: material", "name: nosuchtheme"), ("plugins: []", "plugins: [nosuchplugin]"), ("nav: [", "nav: [["),
    ("name: material", "name: readthedocs"), ("plugins: []", "markdown_extensions: [nosuchextension]"),
])
def test_a_configuration_that_mkdocs_refuses_is_a_finding(tmp_path: Path, old: str, new: str) -> None:
    root = write_site(tmp_path / "site", ONE_LANGUAGE)
    edit(root, "mkdocs.yml", old, new)
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out")
    assert {finding.path for finding in failed.value.findings} == {"mkdocs.yml"}
    assert all(finding.reason and finding.remedy for finding in failed.value.findings)


def test_a_site_without_mkdocs_yml_has_the_pages_that_it_has(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", ONE_LANGUAGE | {"mkdocs.yml": None})
    build_site(root, tmp_path / "out")
    assert page(tmp_path / "out", "help/").css_first(".md-content h1").text().startswith("Help")


def test_a_site_without_editorial_pages_is_built(tmp_path: Path) -> None:
    changes = {"mkdocs.yml": None, "pages/index.md": None, "pages/help/index.md": None}
    root = write_site(tmp_path / "site", ONE_LANGUAGE | changes)
    build_site(root, tmp_path / "out")
    assert page(tmp_path / "out", "").css_first("h1").text() == "Box Support"


@pytest.mark.parametrize("place", ["", "search/", "404.html", "ru/", "ru/search/", "kb/"])
def test_the_searches_of_a_page_can_be_told_apart(golden_site: Path, place: str) -> None:
    """By those who hear a page: the one in the header and the page's own."""
    found = page(golden_site, place)
    names = [form.css_first("label").text() for form in found.css("form[role=search]")]
    landmarks = [form.attributes.get("aria-label") for form in found.css("form[role=search]")]
    assert len(set(names)) == len(set(landmarks)) == len(names) == (1 if place == "kb/" else 2)
