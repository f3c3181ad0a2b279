"""Trees of several audiences: built together as alone, and each as if nothing that it does not show had ever been written."""

from __future__ import annotations

import base64
import gzip
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator import output
from generator.build import BuildFailed, Options, Summary, build_all
from generator.cli import main
from generator.shell import make_shell
from kb.audiences import ALL
from tests.generator.canaries import canaries_in
from tests.generator.restricted_site import AUDIENCES, PARTS, RECORDS, SEES, Site, canary
from tests.generator.support import AT, PNG, article, build_site, differences, edit, page, report, tree, write

pytestmark = pytest.mark.usefixtures("quick_shell")

OTHERS = AUDIENCES[1:]


@pytest.fixture
def real_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoes the plain frames of this module."""
    monkeypatch.setattr("generator.build.make_shell", make_shell)


def build_trees(root: Path, out: Path, cache: Path | None = None, jobs: int = 1) -> dict[str, Summary]:
    try:
        return build_all(Options(root, out, AT, ALL, False, cache, jobs, rewrites=("all",)))
    except BuildFailed as failed:
        failed.add_note("\n".join(str(finding) for finding in failed.findings))
        raise


def some_site(seed: int) -> Site:
    choice = random.Random(seed)
    return Site({part.name: choice.choice(OTHERS) for part in PARTS if choice.random() < 0.7},
                {name: choice.choice(OTHERS) for name in RECORDS if choice.random() < 0.6})


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow),
                                  pytest.param(None, marks=pytest.mark.slow)])
def test_each_tree_is_as_if_what_it_does_not_show_had_never_been_written(tmp_path: Path, seed: int | None) -> None:
    seed = random.randrange(1 << 30) if seed is None else seed
    site = some_site(seed)
    build_trees(site.write(tmp_path / "site"), tmp_path / "out", tmp_path / "cache")
    for audience in AUDIENCES:
        root = site.write(tmp_path / audience, set(AUDIENCES) - SEES[audience])
        build_site(root, tmp_path / "alone", tmp_path / "other", audience=audience)
        assert differences(tmp_path / "out" / audience, tmp_path / "alone") == [], (seed, audience)


@pytest.mark.slow
def test_guides_are_too(tmp_path: Path, real_shell: None) -> None:
    site = Site({"introduction": "customer"}, {}, guides=True)
    build_trees(site.write(tmp_path / "site"), tmp_path / "out", tmp_path / "cache")
    for audience in ("public", "customer"):
        root = site.write(tmp_path / audience, set(AUDIENCES) - SEES[audience])
        build_site(root, tmp_path / "alone", tmp_path / "other", audience=audience)
        assert differences(tmp_path / "out" / audience, tmp_path / "alone") == [], audience
    assert (tmp_path / "out/customer/help/prices/index.html").is_file()


def whole_site() -> Site:
    """A site in which everything that can be restricted is for customers."""
    return Site(dict.fromkeys((part.name for part in PARTS), "customer"), dict.fromkeys(RECORDS, "customer"), guides=True)


SECRETS = {canary(name) for name in (
    *(part.name for part in PARTS if part.name not in {"workaround", "related", "history", "xqjpanel.png", "xqjfact.log", "cvss"}),
    "workaround", "workaroundru", "keywordsru", "referenceurl", "filetext", "pixels", "whole", "history", *RECORDS,
    "guidepart", "guidetitle", "guide", "guidefile", "guidepixels")}
NAMES = {"KB80001", "987650001", "SA-2026-0901", "SN-2026-0902", "TB-2026-0901", "987650003", "CVE-2026-90901", "xqjfact.", "xqjpanel.",
         "xqjsecret.", "xqjprice."}
INVISIBLE = {canary(name) for name in ("keywords", "keywordsru")}  # of articles: the prose index has them as weights alone


def test_no_canary_is_in_a_lesser_tree_in_any_form(tmp_path: Path, real_shell: None) -> None:
    root = whole_site().write(tmp_path / "site")
    build_trees(root, tmp_path / "out", tmp_path / "cache")
    for audience in ("public", "partner"):
        found = canaries_in(tmp_path / "out" / audience, SECRETS | NAMES)
        assert found == {}, (audience, found)
    for audience in ("customer", "staff"):
        found = canaries_in(tmp_path / "out" / audience, SECRETS | NAMES)
        assert (SECRETS | NAMES) - found.keys() - INVISIBLE == set(), audience


HIDDEN = {"draft": "status: draft", "embargo": "publish_at: 2026-12-24T00:00:00Z", "withdrawn": "publish_at: 2026-12-24T00:00:00Z"}


def test_nor_is_one_of_a_record_that_nobody_may_see_yet(tmp_path: Path) -> None:
    """Drafts, embargoed records and those that are withdrawn before their publication, in all trees."""
    root, words = whole_site().write(tmp_path / "site"), []
    build_trees(root, tmp_path / "before", tmp_path / "cache")
    for number, (why, line) in enumerate(HIDDEN.items()):
        for kind, text in {"articles/KB9900{}": article, "reports/99000{}": report}.items():
            path, name, value = kind.format(number), *line.split(": ")
            word = canary(f"{why}{kind.partition('/')[0]}")
            words.append(word)
            fields = {name: value, "title": word, "restricted": "{customer: [keywords]}", "keywords": f"[{word}]", "aliases": f"[{word}-1]"}
            if why == "withdrawn" and text is article:
                fields["status"] = "retired"
            write(root, f"{path}.md", text(path.rpartition("/")[2], f"{word} ![{word}]({word}.png)\n\n<!-- audience: staff -->\n{word}\n"
                                           "<!-- /audience -->\n", **fields))
            (root / path).with_name(f"{word}.png").write_bytes(PNG + word.encode())
        word = canary(f"{why}bulletin")
        words.append(word)
        status = "draft" if why == "draft" else "withdrawn" if why == "withdrawn" else "final"
        write(root, f"notices/SN-2026-099{number}.md", f"---\nid: SN-2026-099{number}\nstatus: {status}\ntitle: {word}\nsummary: {word}\n"
              f"products: [box]\npublish_at: 2026-12-24T00:00:00Z\nrevisions: [{{number: '1', date: 2026-12-24, text: {word}}}]\n---\n\n{word}\n")
    build_trees(root, tmp_path / "out", tmp_path / "cache")
    for audience in AUDIENCES:
        assert canaries_in(tmp_path / "out" / audience, words) == {}
        assert differences(tmp_path / "out" / audience, tmp_path / "before" / audience) == []


def test_the_search_for_canaries_finds_each_form(tmp_path: Path) -> None:
    word = canary("found")
    forms = {
        "plain": word.upper().encode(), "gzip": gzip.compress(word.encode()), "hex": word.encode().hex().encode(),
        "percent": "".join(f"%{ord(c):02x}" for c in word).encode(), "json": "".join(f"\\u{ord(c):04x}" for c in word).encode(),
        "html": "".join(f"&#{ord(c)};" for c in word).encode(), **{
            f"base64-{shift}": base64.b64encode(b"abc"[:shift] + word.encode() + b"more") for shift in range(3)}}
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / f"{word}.txt").write_bytes(b"")
    assert canaries_in(tmp_path, [word]) == {word: {*forms, f"{word}.txt"}}


# -- built together -----------------------------------------------------------------------------------------------------


def test_trees_after_edits_are_clean_builds(tmp_path: Path) -> None:
    root, out, cache = some_site(4).write(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    build_trees(root, out, cache)
    edits = [
        ("articles/KB90001.md", "Pull the lid.", "Pull the lid up."), ("articles/KB10001.md", "updated: 2026-01-21", "updated: 2026-01-21\naudience: staff"),
        ("articles/KB90001.md", "# Solution", "# Cause"), ("articles/KB10001.md", "audience: staff", "audience: customer"),
        ("portal.yml", "includes: [customer, partner]", "includes: partner"), ("articles/KB10001.md", "\naudience: customer", ""),
        ("articles/KB10002.md", "Use a brush.", "Use a brush.\n<!-- audience: partner -->\nOr two.\n<!-- /audience -->"),
        ("articles/KB10002.md", "audience: partner", "audience: staff"), ("products.yml", "name: Box 1", "name: Box one"),
    ]
    for number, (path, old, new) in enumerate(edits):
        edit(root, path, old, new)
        summaries = build_trees(root, out, cache, jobs=1 + number % 2)
        assert any(summary.changed for summary in summaries.values()), (path, new)
    for audience in AUDIENCES:
        build_site(root, tmp_path / "clean", None, audience=audience)
        assert differences(out / audience, tmp_path / "clean") == [], audience


def test_what_is_alike_is_made_once(tmp_path: Path) -> None:
    root = Site({}, {"article": "customer"}).write(tmp_path / "site")
    edit(root, "portal.yml", ', url: "https://partners.example.com/help/"', "")
    first = build_trees(root, tmp_path / "out", tmp_path / "cache")
    assert first["public"].rendered == first["public"].pages
    assert first["partner"].rendered < first["partner"].pages * 0.3 and first["customer"].rendered < first["customer"].pages * 0.8
    own, other = (tmp_path / "out" / name / "kb/KB10002/index.html" for name in ("public", "partner"))
    assert own.samefile(other)
    edit(root, "articles/KB10002.md", "Use a brush.", "Use two brushes.")
    second = build_trees(root, tmp_path / "out", tmp_path / "cache")
    assert second["public"].changed and second["partner"].changed and "two brushes" in other.read_text(encoding="utf-8")
    assert second["partner"].rendered <= second["public"].rendered
    third = build_trees(root, tmp_path / "out", tmp_path / "cache")
    assert not any(summary.changed or summary.rendered > 20 for summary in third.values())


def test_where_one_tree_cannot_be_made_none_changes(tmp_path: Path) -> None:
    root, out = Site({}, {}).write(tmp_path / "site"), tmp_path / "out"
    build_trees(root, out, tmp_path / "cache")
    before = {name: tree(out / name) for name in AUDIENCES}
    edit(root, "articles/KB10002.md", "Use a brush.", "Use it.\n<!-- audience: staff -->\n[[KB99999]]\n<!-- /audience -->")
    with pytest.raises(BuildFailed):
        build_trees(root, out, tmp_path / "cache")
    assert {name: tree(out / name) for name in AUDIENCES} == before


@pytest.mark.parametrize("fails_at", [1, 2, 4])
def test_where_one_tree_cannot_take_its_place_the_others_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    root, out, cache = Site({}, {}).write(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    build_trees(root, out, cache)
    before = {name: tree(out / name) for name in AUDIENCES}
    edit(root, "articles/KB10002.md", "Use a brush.", "Use another brush.")
    real, calls = output.exchange, []

    def exchange(spare: Path, live: Path) -> None:
        calls.append(live)
        if len(calls) == fails_at:
            raise OSError(28, "No space left on device")
        real(spare, live)

    with monkeypatch.context() as patch:
        patch.setattr(output, "exchange", exchange)
        with pytest.raises(OSError, match="No space"):
            build_trees(root, out, cache)
    assert {name: tree(out / name) for name in AUDIENCES} == before
    build_trees(root, out, cache)
    for name in AUDIENCES:
        build_site(root, tmp_path / "clean", None, audience=name)
        assert differences(out / name, tmp_path / "clean") == []


def test_absolute_addresses_are_those_of_the_audience(tmp_path: Path) -> None:
    root = Site({}, {"advisory": "partner"}).write(tmp_path / "site")
    build_trees(root, tmp_path / "out", tmp_path / "cache")
    partner = tmp_path / "out/partner"
    for path, data in tree(partner).items():
        if path != "api/v1/bulletins.json" and not path.startswith(("attachments/", "pagefind/")):
            assert b"support.example.com" not in data, path
    about = json.loads((partner / ".well-known/csaf/provider-metadata.json").read_text(encoding="utf-8"))
    assert about["canonical_url"].startswith("https://partners.example.com/help/") and not about["list_on_CSAF_aggregators"]
    assert {feed["tlp_label"] for feed in about["distributions"][0]["rolie"]["feeds"]} == {"WHITE", "GREEN", "AMBER"}
    public = json.loads((tmp_path / "out/public/.well-known/csaf/provider-metadata.json").read_text(encoding="utf-8"))
    assert {feed["tlp_label"] for feed in public["distributions"][0]["rolie"]["feeds"]} == {"WHITE", "GREEN"}
    assert not (tmp_path / "out/public/.well-known/csaf/amber").exists()
    assert (partner / ".well-known/csaf/amber/2026/sa-2026-0901.json").is_file()


def test_a_restricted_tree_says_for_whom_it_is(tmp_path: Path) -> None:
    root = Site({}, {"article": "customer"}).write(tmp_path / "site")
    build_trees(root, tmp_path / "out", tmp_path / "cache")
    customer = tmp_path / "out/customer"
    assert "For: Customers" in page(customer, "").text() and "Для кого: Заказчики" in page(customer, "ru/").text()
    assert "For: " not in page(tmp_path / "out/public", "").text()
    facts = page(customer, "kb/KB80001/").text()
    assert "Customers" in facts


# -- commands -----------------------------------------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_commands(tmp_path: Path) -> None:
    root, out = Site({"introduction": "partner"}, {}).write(tmp_path / "site"), tmp_path / "out"
    build = ("build", "--site", root, "--out", out, "--audience", "all", "--at", "2026-11-22T12:00:00Z", "--json")
    told = json.loads(run(*build).stdout)["audiences"]
    assert [*told] == [*AUDIENCES] and all(one["changed"] for one in told.values())
    assert run("check", "--site", root, "--audience", "all").exit_code == 0
    edit(root, "articles/KB90001.md", canary("introduction"), "Other words")
    found = json.loads(run("diff", *build[1:]).stdout)["audiences"]
    assert {name: bool(one["records"]) for name, one in found.items()} == {
        "public": False, "customer": False, "partner": True, "staff": True}
    edit(root, "articles/KB90001.md", "audience: partner -->\nOther", "audience: nobody -->\nOther")
    result = run("check", "--site", root, "--audience", "all")
    assert result.exit_code == 1 and "'nobody' is not an audience of this portal" in result.stderr


@pytest.mark.parametrize("command", [("serve",), ("export", "opensearch", "--out", "x"), ("build", "--shard", "1/2")])
def test_commands_that_want_one_audience(tmp_path: Path, command: tuple[str, ...]) -> None:
    root = Site({}, {}).write(tmp_path / "site")
    result = run(*command, "--site", root, "--audience", "all")
    assert result.exit_code == 2 and "audience" in result.stderr


def test_the_folder_of_all_trees_is_no_tree(tmp_path: Path) -> None:
    root = Site({}, {}).write(tmp_path / "site")
    build_site(root, tmp_path / "out", None)
    result = run("build", "--site", root, "--out", tmp_path / "out", "--audience", "all")
    assert result.exit_code == 1 and "is the portal of one audience; choose another --out for those of all" in result.stderr


def test_a_tree_of_an_audience_that_is_no_more_is_told(tmp_path: Path) -> None:
    root = Site({}, {}).write(tmp_path / "site")
    build_trees(root, tmp_path / "out", tmp_path / "cache")
    edit(root, "portal.yml", "  staff: {includes: [customer, partner]}\n", "")
    summaries = build_trees(root, tmp_path / "out", tmp_path / "cache")
    assert [note.value for summary in summaries.values() for note in summary.notes if "does not have" in note.reason] == ["staff"]
