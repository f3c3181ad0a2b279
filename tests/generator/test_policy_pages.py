"""Blocks of the policy in guides, and pages for what no guide shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.build import BuildFailed, Options, check
from generator.policy_pages import BLOCKS, OWN_PAGES, cut_at_markers
from tests.generator.support import AT, SITE, build_site, differences, edit, tree, write, write_site

POLICY = (Path(__file__).parents[1] / "golden" / "source" / "policy.yml").read_text(encoding="utf-8")
PAGES = sorted(f"{place}/index.html" for place in OWN_PAGES)
FINDINGS = [
    ("<!-- policy: tiems -->", {}, "3: policy: 'tiems' is no block of the policy; did you mean times?"),
    ("<!-- policy: -->", {}, f"3: policy: is no block of the policy; write one of {', '.join(BLOCKS)}"),
    ("<!-- policy: times -->", {"policy.yml": None}, "3: policy: 'times' needs a policy; add policy.yml, or remove this line"),
    ("Text\n<!--policy:warranty-->", {"policy.yml": re.sub(r"(?ms)^warranty:.*?(?=^\w)", "", POLICY)},
     "4: policy: 'warranty' shows a part that policy.yml does not have; add warranty there, or remove this line"),
    ("<!-- policy: disclosure -->", {"policy.yml": re.sub(r"(?ms)^security:.*", "", POLICY)},
     "3: policy: 'disclosure' shows a part that policy.yml does not have; "
     "add security.promises or security.disclosure there, or remove this line"),
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a policy that shows none of it."""
    write_site(tmp_path / "site", {"policy.yml": POLICY})
    return tmp_path / "site"


def page(out: Path, address: str) -> str:
    return (out / address / "index.html").read_text(encoding="utf-8")


def own(root: Path, out: Path) -> list[str]:
    """The pages below help/ of a build that are no guide's, without the form of cases."""
    build_site(root, out)
    return sorted(path.relative_to(out).as_posix() for path in (out / "help").rglob("*.html")
                  if path.parent not in {out / "help", out / "help/case"})


def shown(html: str) -> list[str]:
    return re.findall(r'<div class="wp-policy" id="policy-([\w-]+)">', html)


def test_every_block_has_a_page_of_its_own(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert own(site, out) == PAGES
    assert sorted(block for path in PAGES for block in shown((out / path).read_text(encoding="utf-8"))) == sorted(BLOCKS)
    assert sorted(path.relative_to(out / "ru").as_posix() for path in (out / "ru" / "help").rglob("*.html")
                  if path.parent not in {out / "ru" / "help", out / "ru" / "help" / "case"}) == PAGES
    for path in PAGES:
        html = (out / "ru" / path).read_text(encoding="utf-8")
        assert shown(html) == shown((out / path).read_text(encoding="utf-8"))
        assert 'lang="ru"' in html


def test_without_mkdocs_yml_the_navigation_names_them(site: Path, tmp_path: Path) -> None:
    (site / "mkdocs.yml").unlink()
    build_site(site, tmp_path / "out")
    html = page(tmp_path / "out", "kb/")
    assert "help/warranty/" in html
    assert "Warranty" in html


def test_no_policy_no_page(site: Path, tmp_path: Path) -> None:
    (site / "policy.yml").unlink()
    assert own(site, tmp_path / "out") == []


def test_parts_that_are_absent_have_neither_page_nor_link(site: Path, tmp_path: Path) -> None:
    text = re.sub(r"(?ms)^(warranty|returns|accounts|escalation|security|numbers|checklist|case_kinds):.*?(?=^\w|\Z)", "", POLICY)
    write(site, "policy.yml", text)
    out = tmp_path / "out"
    assert own(site, out) == ["help/contacts/index.html", "help/priorities/index.html", "help/service-levels/index.html"]
    for path in out.rglob("*.html"):
        assert not re.search(r"help/(warranty|returns|accounts|escalation|disclosure|report|open-a-case)", path.read_text(encoding="utf-8"))


def test_a_guide_shows_a_block_between_its_own_words(site: Path, tmp_path: Path) -> None:
    write(site, "pages/help/speed.md", "# Speed\n\nBefore.\n\n<!-- policy: times -->\n\nAfter.\n\n<!--policy: levels-->\n")
    build_site(site, tmp_path / "out")
    html = page(tmp_path / "out", "help/speed/")
    assert shown(html) == ["times", "levels"]
    assert html.index("Before.") < html.index("policy-times") < html.index("8 business hours") < html.index("After.")
    assert "policy: times" not in html
    assert shown(page(tmp_path / "out", "help/priorities/")) == ["deadlines", "calendars"], "what a guide shows is not shown twice"
    assert "8 рабочих часов" in page(tmp_path / "out", "ru/help/speed/"), "a guide without translation shows it in the page's language"


def test_links_lead_to_the_guide_that_shows_the_block(site: Path, tmp_path: Path) -> None:
    write(site, "pages/help/ring.md", "# Ring\n\n<!-- policy: phones -->\n")
    build_site(site, tmp_path / "out")
    assert 'href="../ring/#policy-phones"' in page(tmp_path / "out", "help/escalation/").replace("../../help/", "../")


def test_an_authors_page_keeps_its_address(site: Path, tmp_path: Path) -> None:
    write(site, "pages/help/warranty.md", "# Guarantee\n\nNone.\n")
    build_site(site, tmp_path / "out")
    html = page(tmp_path / "out", "help/warranty/")
    assert "Guarantee" in html and shown(html) == []


def test_texts_of_a_policy_are_no_html(site: Path, tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    write(site, "policy.yml", POLICY.replace("name: Office hours", f"name: '{evil}'").replace("name: North,", f"name: '{evil}',")
          .replace("Ask for her.", f"'{evil}'"))
    build_site(site, tmp_path / "out")
    for path in PAGES:
        html = (tmp_path / "out" / path).read_text(encoding="utf-8")
        assert "<script>alert" not in html and "<img src=x" not in html


@pytest.mark.parametrize(("line", "changes", "message"), FINDINGS)
def test_marks_that_lead_nowhere(tmp_path: Path, line: str, changes: dict[str, str | None], message: str) -> None:
    root = tmp_path / "site"
    write_site(root, {"policy.yml": POLICY, "pages/help/speed.md": f"# Speed\n\n{line}\n"})
    for name, text in changes.items():
        if text is None:
            (root / name).unlink()
        else:
            write(root, name, text)
    with pytest.raises(BuildFailed) as failed:
        check(Options(root, tmp_path / "out", AT))
    assert [str(finding) for finding in failed.value.findings] == [f"pages/help/speed.md:{message}"]


def test_no_block_on_the_home_page(site: Path, tmp_path: Path) -> None:
    write(site, "pages/index.md", SITE["pages/index.md"] + "\n<!-- policy: times -->\n")
    with pytest.raises(BuildFailed) as failed:
        build_site(site, tmp_path / "out")
    assert [str(finding) for finding in failed.value.findings] == [
        "pages/index.md:5: policy: 'times' cannot stand on the home page; move it to another page"]


def test_a_translation_that_shows_less_is_noted(site: Path, tmp_path: Path) -> None:
    write(site, "pages/help/speed.md", "# Speed\n\n<!-- policy: times -->\n")
    write(site, "pages/ru/help/speed.md", "# Скорость\n")
    notes = check(Options(site, tmp_path / "out", AT))
    assert [str(note) for note in notes] == [
        "pages/ru/help/speed.md: policy: 'times' is shown by pages/help/speed.md and not here; add the line <!-- policy: times -->"]
    assert notes[0].level == "note"


def changed_pages(site: Path, tmp_path: Path, old: str, new: str) -> Iterator[str]:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(site, out, cache=cache)
    before = tree(out)
    edit(site, "policy.yml", old, new)
    build_site(site, out, cache=cache)
    build_site(site, tmp_path / "clean")
    assert differences(out, tmp_path / "clean") == []
    after = tree(out)
    yield from sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path) and path.endswith(".html"))


@pytest.mark.parametrize(("old", "new", "places"), [
    ("repair: 20 business days", "repair: 21 business days", ["returns", "warranty"]),  # the calculator of returns tells it too
    ("name: Visits,", "name: Calls,", ["service-levels"]),
    ("date: 2026-12-24", "date: 2026-12-23", ["case", "contacts", "escalation", "priorities", "returns"]),  # all that tell what is open
])
def test_an_edit_changes_the_pages_that_show_it_and_no_other(site: Path, tmp_path: Path, old: str, new: str, places: list[str]) -> None:
    found = set(changed_pages(site, tmp_path, old, new))
    assert found == {f"{root}help/{place}/index.html" for root in ("", "ru/") for place in places}


def test_cutting() -> None:
    assert list(cut_at_markers("a<!-- policy: times -->b<!--policy:levels-->")) == [("a", "times"), ("b", "levels"), ("", "")]
    assert list(cut_at_markers("a<!-- a remark -->b")) == [("a<!-- a remark -->b", "")]
