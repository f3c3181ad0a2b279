"""The command line: exit codes, output for people and for programs, scaffolds, wrong usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from kb.records import FOLDERS
from tests.generator.support import AT, article, edit, page, pages_of, report, tree, write, write_site

NOW = "2026-11-22T12:00:00Z"
COMMANDS = sorted(main.commands)
FINDING = {"path", "line", "field", "value", "reason", "remedy", "level"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="waypost")


def shell(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as an own process."""
    command = [sys.executable, "-m", "generator", *map(str, arguments)]
    command[1:3] = ["-c", "from generator.cli import main; main()"]
    return subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.fixture
def site(tmp_path: Path, quick_shell: None) -> Path:
    return write_site(tmp_path / "site")


def test_the_commands_are_there() -> None:
    assert {"affected", "build", "check", "compare", "import", "init", "new", "search", "serve"} <= set(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(command: str, option: str) -> None:
    result = run(*command.split(), option)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert "\n\n" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command: str) -> None:
    for parameter in main.commands[command].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{command} {parameter.opts}"
            assert parameter.help.rstrip("] ").rstrip()[-1] not in ",;", parameter.help


def test_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.output) == (0, "waypost, version 0.1.0\n")


# -- wrong usage: 2 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [
    ["nosuchcommand"], ["build", "--nosuchoption"], ["build", "argument"], ["build", "--at", "yesterday"],
    ["build", "--jobs", "0"], ["build", "--jobs", "many"], ["build", "--site"], ["new"], ["new", "poem"], ["init"], ["import"],
    ["import", "xml", "."], ["import", "cve", "/no/such/folder"], ["serve", "--port", "x"],
    ["import", "csv", "{file}", "--into", "{site}", "--map", "id"], ["affected"],
    ["affected", "1.0.0", "--site", "{site}"], ["affected", "1.0.0", "--product", "pot", "--site", "{site}"],
    ["affected", "one", "--product", "box", "--site", "{site}"], ["compare", "1.0.0", "--product", "box", "--site", "{site}"],
    ["affected", "1.0.0", "--product", "box", "--platform", "bx9", "--site", "{site}"], ["search"],
    ["search", "severity:terrible", "--site", "{site}"], ["search", "x", "--limit", "0"],
], ids=" ".join)
def test_wrong_usage_ends_with_2(site: Path, arguments: list[str]) -> None:
    values = {"site": str(site), "file": str(site / "portal.yml")}
    result = run(*(argument.format(**values) for argument in arguments))
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["build", "check", "serve", "new article", "search x", "affected 1.0.0 --product box"])
def test_a_folder_without_a_site_ends_with_2(tmp_path: Path, command: str) -> None:
    result = run(*command.split(), "--site", tmp_path)
    assert result.exit_code == 2
    assert result.output.endswith(
        f"Error: {tmp_path} holds no portal.yml; name the site's folder with --site, or make one with 'waypost init DIR'\n")


def test_a_time_without_a_zone_is_explained(site: Path) -> None:
    result = run("check", "--site", site, "--at", "2026-11-22T12:00:00")
    assert result.exit_code == 2
    assert "'2026-11-22T12:00:00' has no zone; add Z for UTC or an offset: 2026-11-22T12:00:00Z" in result.output


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_of_a_sound_site(site: Path) -> None:
    result = run("check", "--site", site, "--at", NOW)
    assert (result.exit_code, result.output) == (0, "0 errors, 0 notes\n")


def test_check_names_path_line_field_reason_and_remedy(site: Path) -> None:
    edit(site, "reports/100001.md", "severity: medium", "severity: mediun")
    edit(site, "articles/KB10002.md", "updated: 2026-02-21", "updated: 2026-02-21\nrelated: [KB10003]")
    write(site, "articles/KB10003.md", article("KB10003", status="draft"))
    result = run("check", "--site", site, "--at", NOW)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "note: articles/KB10002.md:9: related: 'KB10003' is not shown in this build (draft, embargoed or for another audience); "
        "the link is left out",
        "reports/100001.md:5: severity: 'mediun' is not allowed here; write medium?"]
    assert result.stdout == "1 error, 1 note\n"


def test_check_for_programs(site: Path) -> None:
    edit(site, "reports/100001.md", "severity: medium", "severity: mediun")
    result = run("check", "--site", site, "--at", NOW, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [{
        "path": "reports/100001.md", "line": 5, "field": "severity", "value": "mediun", "reason": "is not allowed here",
        "remedy": "write medium?", "level": "error"}]


def test_check_for_programs_of_a_sound_site(site: Path) -> None:
    result = run("check", "--site", site, "--at", NOW, "--json")
    assert (result.exit_code, json.loads(result.stdout), result.stderr) == (0, [], "")


def test_notes_alone_are_no_error(site: Path) -> None:
    write(site, "articles/KB10003.md", article("KB10003", status="draft"))
    edit(site, "articles/KB10002.md", "Use a brush.", "Use [a brush](KB10003).")
    result = run("check", "--site", site, "--at", NOW, "--json")
    assert result.exit_code == 0
    assert [set(finding) for finding in json.loads(result.stdout)] == [FINDING]
    assert json.loads(result.stdout)[0]["level"] == "note"


def test_check_writes_nothing_but_its_cache(site: Path) -> None:
    before = set(tree(site))
    run("check", "--site", site)
    assert {path for path in tree(site) if not path.startswith(".waypost/")} == before
    assert not (site / "site").exists()


def test_check_finds_what_a_build_finds(site: Path) -> None:
    """Also what only shows once all pages are planned."""
    edit(site, "articles/KB10002.md", "Use a brush.", "Use [a brush](/nowhere/).")
    write(site, "redirects.yml", "/kb/KB10001/: /pr/\n/old: /nowhere/\n")
    checked, built = run("check", "--site", site, "--at", NOW), run("build", "--site", site, "--at", NOW)
    assert checked.exit_code == built.exit_code == 1
    assert len(checked.stderr.splitlines()) >= 3
    assert built.stderr.splitlines()[:-1] == checked.stderr.splitlines()
    assert built.stderr.splitlines()[-1] == checked.stdout.split(",")[0] + ": nothing was written"


def test_an_unknown_audience_is_a_finding(site: Path) -> None:
    result = run("check", "--site", site, "--audience", "friends")
    assert result.exit_code == 1
    assert "'friends' is not an audience of this portal; build for one of public, partner, internal" in result.stderr


# -- build -------------------------------------------------------------------------------------------------------------


def test_build_for_people(site: Path) -> None:
    first, second = run("build", "--site", site, "--at", NOW), run("build", "--site", site, "--at", NOW)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith("6 records, ")
    assert first.stdout.endswith(f"\nupdated: {site / 'site'}\n")
    assert "(0 rendered)" in second.stdout
    assert second.stdout.endswith(f"\nunchanged: {site / 'site'}\n")
    assert (site / ".waypost" / "cache").is_dir()


def test_build_for_programs(site: Path, tmp_path: Path) -> None:
    result = run("build", "--site", site, "--at", NOW, "--out", tmp_path / "out", "--json", "--jobs", "2")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(told) == {"out", "records", "pages", "rendered", "files", "written", "bytes", "changed", "changes", "csaf", "seconds"}
    assert (told["out"], told["records"], told["changed"]) == (str(tmp_path / "out"), 6, True)
    assert told["pages"] == told["rendered"] == len(pages_of(tmp_path / "out"))
    assert told["files"] == len(tree(tmp_path / "out")) - 1  # the marker
    assert told["bytes"] == sum(len(data) for path, data in tree(tmp_path / "out").items() if path != ".waypost")
    assert all(isinstance(value, float) for value in told["seconds"].values())


def test_a_quiet_build_says_nothing(site: Path, tmp_path: Path) -> None:
    result = run("build", "--site", site, "--at", NOW, "--out", tmp_path / "out", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_a_failing_build_says_that_nothing_was_written(site: Path, tmp_path: Path) -> None:
    edit(site, "reports/100001.md", "status: fixed", "status: mended")
    result = run("build", "--site", site, "--at", NOW, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "1 error: nothing was written"
    assert result.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_of_others_is_refused(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "out/mine.txt", "mine")
    result = run("build", "--site", site, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (
        1, f"{tmp_path / 'out'} holds files that no build made; empty it or choose another --out\n")


def test_build_shows_the_portal_of_a_time_and_an_audience(site: Path, tmp_path: Path) -> None:
    write(site, "reports/200001.md", report("200001", publish_at="2026-12-01T00:00:00Z"))
    write(site, "reports/200002.md", report("200002", audience="partner"))
    shown = {}
    for name, options in {"now": [], "later": ["--at", "2026-12-01"], "partner": ["--audience", "partner"]}.items():
        assert run("build", "--site", site, "--at", NOW, "--out", tmp_path / name, *options).exit_code == 0
        shown[name] = sorted(path.name for path in (tmp_path / name / "pr").iterdir() if path.name.isdigit())
    assert shown == {"now": ["100001"], "later": ["100001", "200001"], "partner": ["100001", "200002"]}


def test_a_site_may_stand_in_content(site: Path, tmp_path: Path) -> None:
    site.rename(tmp_path / "content")
    result = run("build", "--site", tmp_path, "--at", NOW)
    assert result.exit_code == 0
    assert (tmp_path / "site" / "index.html").is_file()
    assert (tmp_path / "content" / ".waypost").is_dir()


def test_an_unwritable_cache_is_done_without(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "file", "")
    result = run("build", "--site", site, "--at", NOW, "--out", tmp_path / "out", "--cache", tmp_path / "file" / "cache")
    assert result.exit_code == 0
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_cache_elsewhere_leaves_the_site_as_it_is(site: Path, tmp_path: Path) -> None:
    before = tree(site)
    run("build", "--site", site, "--at", NOW, "--out", tmp_path / "out", "--cache", tmp_path / "deep" / "cache")
    assert tree(site) == before
    assert list((tmp_path / "deep" / "cache").iterdir())


def test_a_failure_of_the_system_is_one_line(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/site")

    monkeypatch.setattr("generator.build.build", fail)
    result = run("build", "--site", site)
    assert (result.exit_code, result.stderr) == (
        1, "/srv/site: Permission denied; check the path, its permissions and the free space\n")


def test_a_mistake_of_ours_is_one_line(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise KeyError("box")

    monkeypatch.setattr("generator.build.build", fail)
    result = run("build", "--site", site)
    assert (result.exit_code, result.stderr) == (
        1, "internal error: KeyError: 'box'; please report it (WAYPOST_DEBUG=1 shows where)\n")
    monkeypatch.setenv("WAYPOST_DEBUG", "1")
    assert isinstance(run("build", "--site", site).exception, KeyError)


# -- init, new ---------------------------------------------------------------------------------------------------------


def test_init_makes_a_site_that_checks_and_builds(tmp_path: Path) -> None:
    """With the real theme, in a process of its own, from another folder."""
    made = shell("init", "mysite", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.splitlines()[1] == "next: waypost serve --site mysite"
    checked = shell("check", cwd=tmp_path / "mysite")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "0 errors, 0 notes\n", "")
    built = shell("build", "--quiet", cwd=tmp_path / "mysite")
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    assert page(tmp_path / "mysite" / "site", "kb/KB10001/").css_first("h1").text() == "Collect the logs that support needs"
    ignored = (tmp_path / "mysite" / ".gitignore").read_text(encoding="utf-8").split()
    assert {f"{path.name}/" for path in (tmp_path / "mysite").iterdir() if path.name in {"site", ".waypost", ".site.spare"}} <= set(ignored)


def test_every_file_that_init_writes_is_commented(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").exit_code == 0
    for path in ("portal.yml", "products.yml", "redirects.yml", "mkdocs.yml", "articles/KB10001.md", "reports/1000001.md"):
        assert " # " in " " + (tmp_path / "new" / path).read_text(encoding="utf-8"), path


def test_init_into_an_empty_folder(tmp_path: Path) -> None:
    assert run("init", tmp_path).exit_code == 0
    assert (tmp_path / "portal.yml").is_file()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_init_overwrites_nothing(tmp_path: Path, kind: str) -> None:
    write(tmp_path, "mine/notes.txt", "mine")
    target = tmp_path / "mine" if kind == "folder" else tmp_path / "mine" / "notes.txt"
    result = run("init", target)
    assert (result.exit_code, result.stderr) == (1, f"{target} is not empty; name a new folder\n")
    assert tree(tmp_path) == {"mine/notes.txt": b"mine"}


NEXT = {"article": "KB10003", "report": "100002", "advisory": "SA-2026-0002", "notice": "SN-2026-0002",
        "bulletin": "TB-2026-0002"}


@pytest.mark.parametrize("kind", FOLDERS.values())
def test_new_writes_a_valid_draft_with_the_next_id(site: Path, kind: str) -> None:
    folder = next(folder for folder, name in FOLDERS.items() if name == kind)
    result = run("new", kind, "--site", site, "--at", NOW, "--title", 'A "quoted" \\ title: with # marks')
    assert (result.exit_code, result.output) == (0, f"{site / folder / NEXT[kind]}.md\n")
    assert run("check", "--site", site, "--at", NOW).output == "0 errors, 0 notes\n"
    path = site / folder / f"{NEXT[kind]}.md"
    text = path.read_text(encoding="utf-8")
    status = {"article": "published", "report": "open", "bulletin": "published"}.get(kind, "final")
    path.write_text(text.replace("status: draft", f"status: {status}").replace("T16:00", "T06:00"), encoding="utf-8")
    assert run("build", "--site", site, "--at", NOW, "--quiet").output == ""
    section = {"article": "kb", "report": "pr", "advisory": "advisories", "notice": "notices", "bulletin": "bulletins"}[kind]
    assert page(site / "site", f"{section}/{NEXT[kind]}/").css_first("h1").text() == 'A "quoted" \\ title: with # marks'


@pytest.mark.parametrize("kind", FOLDERS.values())
def test_new_in_an_empty_site_begins_at_the_first_id(tmp_path: Path, quick_shell: None, kind: str) -> None:
    write(tmp_path, "portal.yml", "name: P\nvendor: V\nurl: https://support.example.com/\n")
    write(tmp_path, "products.yml", "products:\n  - {id: box, name: Box, scheme: dotted}\n")
    result = run("new", kind, "--site", tmp_path, "--at", NOW)
    first = {"article": "KB10001", "report": "1000001", "advisory": "SA-2026-0001", "notice": "SN-2026-0001",
             "bulletin": "TB-2026-0001"}[kind]
    assert Path(result.output.strip()).stem == first
    assert run("check", "--site", tmp_path, "--at", NOW).output == "0 errors, 0 notes\n"


def test_ids_are_taken_also_by_files_that_cannot_be_read_and_by_lines(site: Path) -> None:
    write(site, "articles/deep/KB10007.md", "broken")
    write(site, "reports/all.jsonl", json.dumps({
        "id": "100200", "status": "open", "title": "T", "affected": [{"product": "box"}], "created": "2026-01-01",
        "updated": "2026-01-01"}) + "\n")
    assert Path(run("new", "article", "--site", site).output.strip()).stem == "KB10008"
    assert Path(run("new", "report", "--site", site).output.strip()).stem == "100201"


def test_security_ids_count_by_year_in_the_vendors_own_form(site: Path) -> None:
    text = (site / "advisories/SA-2026-0001.md").read_text(encoding="utf-8")
    write(site, "advisories/BOXSA-2026-012.md", text.replace("SA-2026-0001", "BOXSA-2026-012"))
    (site / "advisories/SA-2026-0001.md").unlink()
    assert Path(run("new", "advisory", "--site", site, "--at", NOW).output.strip()).stem == "BOXSA-2026-013"
    assert Path(run("new", "advisory", "--site", site, "--at", "2027-01-05").output.strip()).stem == "BOXSA-2027-001"


@pytest.mark.parametrize(("arguments", "message"), [
    (["article", "--id", "KB10001"], "KB10001 exists already; leave --id out to take the next free one"),
    (["article", "--id", "kb10001"], "KB10001 exists already; leave --id out to take the next free one"),
    (["report", "--id", "PR100001"], "100001 exists already; leave --id out to take the next free one"),
    (["article", "--id", "10001"], "'10001' is no id of an article; write KB and five to nine digits: KB10042"),
    (["advisory", "--id", "../../x1"], "'../../x1' is no id of an advisory; write an id such as EXSA-2026-0007"),
    (["article", "--product", "pot"], "'pot' is not a known product; write one of box"),
    (["article", "--title", "x" * 251], f"'{'x' * 79}…' has 251 characters; shorten it to 250; details belong in the text"),
])
def test_new_refuses(site: Path, arguments: list[str], message: str) -> None:
    before = tree(site)
    result = run("new", *arguments, "--site", site)
    assert (result.exit_code, result.stderr) == (1, f"{message}\n")
    assert tree(site) == before


def test_new_takes_an_id_and_a_product_by_another_name(site: Path) -> None:
    result = run("new", "report", "--site", site, "--id", "PR 424242", "--product", "BoxOS")
    assert Path(result.output.strip()).name == "424242.md"
    assert "product: box\n" in Path(result.output.strip()).read_text(encoding="utf-8")


# -- questions ---------------------------------------------------------------------------------------------------------


def test_affected_for_programs(site: Path) -> None:
    result = run("affected", "1.0.0", "--product", "BoxOS", "--site", site, "--at", NOW, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert list(told) == ["release", "product", "reports", "advisories"]
    assert (told["release"], told["product"]) == ("1.0.0", "box")
    assert [set(hit) for hit in told["reports"] + told["advisories"]] == [{"id", "aliases", "why"}] * 2
    assert [hit["id"] for hit in told["reports"] + told["advisories"]] == ["100001", "SA-2026-0001"]
    assert json.loads(run("affected", "1.0.1", "--product", "box", "--site", site, "--at", NOW, "--json").stdout)["reports"] == []


def test_compare_for_programs(site: Path) -> None:
    result = run("compare", "1.0.0", "1.0.1", "--product", "box", "--site", site, "--at", NOW, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert list(told) == ["fixed", "introduced", "remaining"]
    assert {hit["id"] for hit in told["fixed"]} == {"100001", "SA-2026-0001"}
    assert all(set(hit) == {"id", "kind", "title"} for hit in told["fixed"])


def test_search_for_programs(site: Path) -> None:
    result = run("search", "hums", "--site", site, "--at", NOW, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert set(told) == {"total", "results"}
    assert [set(hit) for hit in told["results"]] == [{"id", "kind", "title", "url", "score"}]
    assert told["results"][0] | {"score": 0} == {
        "id": "100001", "kind": "report", "title": "The box hums", "url": "/pr/100001/", "score": 0}


def test_search_for_an_unknown_number_names_the_nearest(site: Path) -> None:
    result = run("search", "PR 100009", "--site", site, "--at", NOW)
    assert result.exit_code == 0 and "0 found" in result.stdout
    assert "nothing is called PR 100009; the nearest are 100001" in result.stderr


def test_search_in_another_order(site: Path) -> None:
    result = run("search", "kind:report", "--site", site, "--at", NOW, "--order", "number", "--json")
    numbers = [int(found["id"]) for found in json.loads(result.stdout)["results"]]
    assert result.exit_code == 0 and numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("command", ["affected 1.0.0 --product box", "compare 1.0.0 1.0.1 --product box", "search noise"])
def test_questions_show_neither_drafts_nor_what_is_embargoed(site: Path, command: str) -> None:
    for number, fields in enumerate(({"status": "draft"}, {"publish_at": "2026-12-01T00:00:00Z"}, {"audience": "partner"})):
        write(site, f"reports/70000{number}.md", report(f"70000{number}", "## Problem\n\nA noise.\n", **fields))
    for arguments in (command.split(), [*command.split(), "--json"]):
        result = run(*arguments, "--site", site, "--at", NOW)
        assert result.exit_code == 0
        assert "70000" not in result.output


@pytest.mark.parametrize("command", ["affected 1.0.0 --product box", "compare 1.0.0 1.0.1 --product box", "search noise"])
def test_questions_to_a_broken_site_end_with_1(site: Path, command: str) -> None:
    edit(site, "reports/100001.md", "status: fixed", "status: mended")
    result = run(*command.split(), "--site", site)
    assert result.exit_code == 1
    assert "reports/100001.md:3: status: 'mended' is not allowed here" in result.stderr


# -- import ------------------------------------------------------------------------------------------------------------


def test_import_for_programs(site: Path, tmp_path: Path) -> None:
    lines = ["Number,Title,Product,created,updated", "800001,It is loud,box,2026-01-01,2026-01-02", ",Nothing,box,,"]
    write(tmp_path, "reports.csv", "\n".join(lines))
    arguments = ["import", "csv", tmp_path / "reports.csv", "--into", site, "--map", "id=Number", "--map", "title=Title",
                 "--map", "product=Product", "--json"]
    result = run(*arguments)
    told = json.loads(result.stdout)
    assert set(told) >= {"written", "unchanged", "kept", "findings"}
    assert told["written"] == 1
    assert all(set(finding) == FINDING for finding in told["findings"])
    assert result.exit_code == 1, "a line was rejected"
    again = json.loads(run(*arguments).stdout)
    assert (again["written"], again["unchanged"]) == (0, 1)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("WAYPOST_DEBUG", raising=False)
    yield


def test_the_time_of_these_tests() -> None:
    assert f"{AT:%Y-%m-%dT%H:%M:%SZ}" == NOW
