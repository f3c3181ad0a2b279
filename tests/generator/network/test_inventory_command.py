"""``waypost inventory``: the answers of ``waypost affected`` for many devices, from published files alone."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.edition import Edition
from generator.network import shown, source
from generator.network.portal_files import PortalFiles
from generator.network.report import Report, report_on, updated_since
from generator.network.shown import lines
from generator.network.source import Source
from generator.scaffold import init_site
from kb.fields import parse_date
from kb.findings import SourceError
from kb.importers import run_import
from kb.inventory import Device
from prsearch.releases import affected, compare
from tests.generator.network.support import boxes, editions_of, publish, report, serving

CONTENT = Path(__file__).resolve().parents[3] / "content"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return boxes(tmp_path_factory.mktemp("boxes"), report("100001", "critical", "It [stops] {now}"), report("100002", "low", updated="2026-06-01"),
                 report("100003", "medium", ranges="1.1.0", platforms="bx1"))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Edition], Path]:
    editions = editions_of(CONTENT)
    return editions, publish(editions, tmp_path_factory.mktemp("example"))


CSV = "name,model,version,site\nedge-1,bx1,1.0.0,Riga\nedge-2,bx2,1.1.0,Oslo\nedge-3,,1.1.0,Oslo\n"


def ask(portal: Path | str, text: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(main, ["inventory", "-", "--portal", str(portal), *options], input=text)


def told(portal: Path | str, text: str | bytes, *options: str) -> Any:
    result = ask(portal, text, "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# -- Verdicts ----------------------------------------------------------------------------------------


def devices_at_random(edition: Edition, number: int) -> list[Device]:
    random = Random(7)
    products = [product for product in edition.library.catalogue.products if product.releases]
    found = []
    for at in range(number):
        product = random.choice(products)
        platform = random.choice(["", *(item.id for item in product.platforms)])
        release = random.choice(product.releases).id
        found.append(Device(f"r{at}", product.id, platform, release, "", "", (), release, True))
    return found


def differences(editions: list[Edition], found: Report, devices: list[Device]) -> Iterator[object]:
    """Devices of which the report says something else than ``waypost affected`` and ``waypost compare``."""
    library = editions[0].library
    edition = next(one for one in editions if one.language == found.language)
    for device, reported in zip(devices, found.devices, strict=True):
        product = library.catalogue.find(device.product)
        assert product and reported.answer is not None
        answer = found.answers[reported.answer]
        wanted = {hit.record.id: hit.verdict.reason.render(edition.say, lambda names: edition.joined(product, tuple(names)))  # noqa: B023
                  for hit in affected(library, product, device.release, device.platform or None)}
        own = {line.id: line.why for line in answer.records}
        if own != wanted:
            yield device, {key: (own.get(key), wanted.get(key)) for key in own.keys() | wanted.keys() if own.get(key) != wanted.get(key)}
        if answer.upgrade:
            one = compare(library, product, device.release, answer.upgrade.to, device.platform or None)
            numbers = tuple(map(len, (one.fixed, one.introduced, one.remaining)))
            if numbers != (answer.upgrade.fixed, answer.upgrade.introduced, answer.upgrade.remaining):
                yield device, answer.upgrade, numbers


def test_verdicts_on_the_example_portal(example: tuple[list[Edition], Path]) -> None:
    editions, portal = example
    files = PortalFiles(Source(str(portal)))
    devices = devices_at_random(editions[0], 60)
    for language in ("en", "ru"):
        found = report_on(devices, files, language)
        assert [*differences(editions, found, devices)] == []
        assert found.totals.affected > 20
        assert sum(answer.upgrade is not None for answer in found.answers) > 10


@pytest.mark.slow
def test_verdicts_on_real_records(shared_data: Path, tmp_path: Path) -> None:
    init_site(tmp_path / "site")
    run_import("cve", shared_data / "juniper-cve", tmp_path / "site")
    editions = editions_of(tmp_path / "site")
    files = PortalFiles(Source(str(publish(editions, tmp_path / "portal"))))
    devices = devices_at_random(editions[0], 40)
    found = report_on(devices, files, "en")
    assert [*differences(editions, found, devices)] == []
    assert found.totals.affected > 10


def test_the_command_says_what_affected_says(example: tuple[list[Edition], Path]) -> None:
    mine = told(example[1], "name,model,version\nr1,AR900,21.4R3-S5\n")
    other = json.loads(CliRunner().invoke(main, ["affected", "21.4R3-S5", "--product", "exos", "--platform", "AR900", "--site", str(CONTENT),
                                                 "--at", "2026-11-22", "--json"]).stdout)
    assert {line["id"]: line["why"] for line in mine["answers"][0]["records"]} == {
        hit["id"]: hit["why"] for hit in other["reports"] + other["advisories"]}


# -- Output ------------------------------------------------------------------------------------------


def test_json(portal: Path) -> None:
    found = told(portal, CSV)
    assert found["totals"] == {"devices": 3, "checked": 3, "affected": 2, "records": {"report": {"critical": 1, "medium": 1, "low": 1}}}
    assert found["devices"][0] == {
        "name": "edge-1", "product": "box", "platform": "bx1", "release": "1.0.0", "serial": "", "site": "Riga", "tags": [], "written": "1.0.0",
        "checked": True, "line": 2, "answer": 0}
    assert found["answers"][0] == {
        "product": "box", "release": "1.0.0", "platform": "bx1", "url": "https://support.example.com/releases/box/1.0.0/",
        "end_of_engineering": "2027-01-10", "end_of_support": "2028-01-10", "affected": {"report": {"critical": 1, "low": 1}},
        "upgrade": {"to": "1.0.2", "by_vendor": True, "fixed": 2, "introduced": 0, "remaining": 0},
        "records": [{"id": "100001", "why": "in train 1.0, before 1.0.2"}, {"id": "100002", "why": "in train 1.0, before 1.0.2"}]}
    assert found["answers"][2]["records"] == [{"id": "100003", "why": "on Box 1: 1.1.0 is listed as affected"}]
    assert found["records"]["100003"] == {
        "kind": "report", "severity": "medium", "status": "open", "updated": "2026-05-01", "title": "It fails", "fixed": [], "devices": 1,
        "url": "https://support.example.com/pr/100003/"}
    assert found["findings"] == []


def test_the_other_language(portal: Path) -> None:
    found = told(portal, CSV, "--language", "ru")
    assert found["answers"][2]["records"][0]["why"].startswith("на Ящик 1: ")
    assert found["records"]["100003"]["url"] == "https://support.example.com/ru/pr/100003/"
    refused = ask(portal, CSV, "--language", "de")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (2, "Error: --language: the portal does not speak 'de'; write en or ru")


def test_since(portal: Path) -> None:
    found = told(portal, CSV, "--since", "2026-06-01")
    assert (found["since"], [*found["records"]], found["totals"]["affected"]) == ("2026-06-01", ["100002"], 1)
    assert found["answers"][0]["affected"] == {"report": {"low": 1}}
    assert found["answers"][0]["upgrade"]["fixed"] == 2


@pytest.mark.parametrize(("options", "code"), [
    (["--fail-on", "critical"], 1), (["--fail-on", "critical", "--since", "2026-06-01"], 0), (["--fail-on", "low", "--since", "2026-06-01"], 1),
    (["--fail-on", "medium", "--since", "2026-06-01"], 0), (["--fail-on", "any", "--since", "2026-07-01"], 0), ([], 0), (["--fail-on", "most"], 2),
])
def test_fail_on(portal: Path, options: list[str], code: int) -> None:
    assert ask(portal, CSV, *options).exit_code == code


def test_an_inventory_with_faults(portal: Path) -> None:
    some = "name,model,version\nr1,bx1,1.0.0\nr2,bx1,9.9.9\n"
    found = ask(portal, some)
    assert (found.exit_code, found.stderr) == (0, "stdin:3: release: '9.9.9' is no known release of box\n".replace("box\n", "box; write one that the portal lists\n"))
    assert ask(portal, some, "--strict").exit_code == 1
    none = ask(portal, "name,model,version\nr2,bx1,9.9.9\n", "--json")
    assert none.exit_code == 1  # else a job would pass that looks at nothing
    assert json.loads(none.stdout)["findings"][0]["field"] == "release"
    assert ask(portal, b"\xff\x00\xff").exit_code == 1


def test_a_refused_inventory_changes_no_file(portal: Path, tmp_path: Path) -> None:
    feed, out = tmp_path / "own.atom", tmp_path / "own.sarif"
    assert ask(portal, CSV, "--feed", str(feed), "--sarif", str(out)).exit_code == 0
    before = feed.read_bytes(), out.read_bytes()
    for text, options in ((b"\xff", []), (CSV + "r9,bx1,9.9.9,\n", ["--strict"])):
        assert ask(portal, text, "--feed", str(feed), "--sarif", str(out), *options).exit_code == 1
        assert (feed.read_bytes(), out.read_bytes()) == before


def test_ended_support_is_marked(portal: Path) -> None:
    found = report_on([Device("r1", "box", "bx1", "1.0.0", "", "", (), "1.0.0", True)], PortalFiles(Source(str(portal))), "en")
    for day, end in (("2028-01-10", "2028-01-10  "), ("2028-01-11", "2028-01-10, ended  ")):
        assert any(end in line for line in lines(found, parse_date(day)))


def test_tables(portal: Path) -> None:
    shown = ask(portal, CSV).stdout.splitlines()
    assert shown[0] == "3 devices, 3 checked, 2 affected; 3 records affect them"
    assert re.fullmatch(r"edge-1 +Riga +box 1\.0\.0 +1 +1 +2028-01-10 +1\.0\.2: fixes 2, introduces 0", shown[4])
    assert any(re.fullmatch(r"100001 +report +critical +2026-05-01 +1 +It \[stops\] \{now\}", line) for line in shown)


def test_no_escape_sequences_reach_the_terminal(tmp_path: Path) -> None:
    portal = boxes(tmp_path, report("100001"))
    block = portal / "prsearch/c/0.bin"
    cards = json.loads(gzip.decompress(block.read_bytes()))
    cards[0][7] = {"en": ["\x1b[2J\x9b31m[red]It fails[/red]\u202e", ""]}
    block.write_bytes(json.dumps(cards).encode())
    text = "name,model,version,site\n\x1b]0;x\x07\x9bA,bx1,1.0.0,\u202eb\n"
    for options in ([], ["--json"]):
        found = ask(portal, text, *options)
        assert found.exit_code == 0
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", found.stdout + found.stderr)
    assert "\ufffd[2J\ufffd31m[red]It fails[/red]" in ask(portal, text).stdout


def test_sarif(portal: Path, tmp_path: Path) -> None:
    for name, text in (("net.csv", CSV), ("net.json", '[{"name": "e {1} [x](y)", "model": "bx1", "version": "1.0.0"}]')):
        (tmp_path / name).write_text(text)
        out = tmp_path / f"{name}.sarif"
        again = tmp_path / "again.sarif"
        for file in (out, again):
            assert CliRunner().invoke(main, ["inventory", str(tmp_path / name), "--portal", str(portal), "--sarif", str(file)]).exit_code == 0
        assert out.read_bytes() == again.read_bytes()
        document = json.loads(out.read_bytes())
        assert document["version"] == "2.1.0"
        [run] = document["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        assert all(rule["helpUri"].startswith("https://support.example.com/pr/") for rule in rules)
        prints = [one["partialFingerprints"]["deviceAndRecord/v1"] for one in run["results"]]
        assert len(set(prints)) == len(prints)
        for one in run["results"]:
            rule = rules[one["ruleIndex"]]
            assert (rule["id"], rule["defaultConfiguration"]["level"]) == (one["ruleId"], one["level"])
            assert one["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": name}
            assert str(tmp_path) not in json.dumps(one)
    assert [rule["defaultConfiguration"]["level"] for rule in json.loads((tmp_path / "net.csv.sarif").read_bytes())["runs"][0]["tool"]["driver"]["rules"]] == ["error", "warning", "note"]
    assert rules[0]["shortDescription"] == {"text": "It \\[stops\\] {{now}}"}
    assert run["results"][0]["message"]["text"].startswith("100001 affects e {{1}} \\[x\\](y) (box 1.0.0): ")
    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]


def test_fingerprints_do_not_depend_on_the_order_of_devices(portal: Path, tmp_path: Path) -> None:
    found = []
    for text in (CSV, "\n".join([CSV.split("\n")[0], *reversed(CSV.strip().split("\n")[1:])])):
        ask(portal, text, "--sarif", str(tmp_path / "x.sarif"))
        results = json.loads((tmp_path / "x.sarif").read_bytes())["runs"][0]["results"]
        found.append({(one["locations"][0]["logicalLocations"][0]["name"], one["ruleId"]): one["partialFingerprints"] for one in results})
    assert found[0] == found[1]


# -- The portal --------------------------------------------------------------------------------------


def test_a_served_portal_is_asked_for_what_is_needed(example: tuple[list[Edition], Path]) -> None:
    with serving(example[1]) as (url, asked):
        found = told(url + "/", "name,model,version\n" + "".join(f"r{at},AR900,21.4R3-S5\n" for at in range(50)))
    blocks = {path for path in asked if path.startswith("/prsearch/c/")}
    assert found["totals"]["affected"] == 50
    assert asked[:3] == ["/api/v1/releases.json", "/api/v1/releases/exos.json", "/api/v1/affected/exos/21.4.json"]
    assert {*asked[3:]} - blocks == {"/prsearch/root.json"}
    assert len(asked) == len({*asked})
    assert len(blocks) <= len(found["records"])
    assert all(record["url"].startswith(f"{url}/pr/") or record["url"].startswith(f"{url}/advisories/") for record in found["records"].values())


def test_for_a_terminal_only_the_cards_of_what_it_shows_are_fetched(example: tuple[list[Edition], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    text = "name,model,version\nr1,AR900,21.4R3-S5\n"
    whole = ask(example[1], text, "--fail-on", "any")
    monkeypatch.setattr(shown, "MOST", 1)
    with serving(example[1]) as (url, asked):
        short = ask(url, text, "--fail-on", "any")
    assert len([path for path in asked if path.startswith("/prsearch/c/")]) == 1
    first, rest = short.output.split("Record", 1)
    assert whole.output.startswith(first), "the same counts"
    number = int(re.search(r"(\d+) records affect them", first)[1])  # type: ignore[index]
    assert f"... and {number - 1} more records; --json lists them" in rest and f"--fail-on any: {number} records" in rest
    assert short.exit_code == whole.exit_code == 1


def test_packed_answers(portal: Path) -> None:
    def packed(handler: Any) -> bool:
        data = gzip.compress((portal / handler.path.split("?")[0][1:]).read_bytes())
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        return True

    with serving(portal, packed) as (url, _asked):
        assert told(url, CSV)["totals"]["affected"] == 2


def test_redirects_stay_on_the_host(portal: Path) -> None:
    def sent(where: str) -> Any:
        def answer(handler: Any) -> bool:
            if handler.path.startswith("/new"):
                handler.path = handler.path.removeprefix("/new")
                return False
            handler.send_response(302)
            handler.send_header("Location", where.format(path=handler.path))
            handler.end_headers()
            return True
        return answer

    with serving(portal) as (other, asked):
        for where in (other + "{path}", "file:///etc/passwd", "ftp://127.0.0.1/x"):
            with serving(portal, sent(where)) as (url, _asked):
                found = ask(url, CSV)
                assert found.exit_code == 1
                assert re.fullmatch(r"\S+/api/v1/releases\.json: (cannot be read \(.*\)|is not there \(HTTP 302\)); .*\n", found.stderr), found.stderr
        assert asked == []
    with serving(portal, sent("/new{path}")) as (url, _asked):
        assert told(url, CSV)["totals"]["affected"] == 2


@pytest.mark.parametrize("where", ["https://user:secret@support.example.com/", "https://support.example.com/?token=secret", "ftp://support.example.com/secret", "file:///secret"])
def test_addresses_that_are_refused(where: str) -> None:
    found = ask(where, CSV)
    assert found.exit_code == 2
    assert "secret" not in found.output


def test_what_is_not_there(tmp_path: Path) -> None:
    found = ask(tmp_path, CSV)
    assert (found.exit_code, found.stderr) == (1, f"{tmp_path}/api/v1/releases.json: cannot be read (no such file); name the folder or address of a built portal\n")
    with serving(tmp_path) as (url, _asked):
        assert ask(url, CSV).stderr == f"{url}/api/v1/releases.json: is not there (HTTP 404); name the folder or address of a built portal\n"


DAMAGE = {
    "no JSON": ("api/v1/releases.json", b"<html>"),
    "nested": ("api/v1/releases.json", b"[" * 100_000),
    "another format": ("api/v1/releases.json", b'{"format": 2, "products": []}'),
    "a path out of the portal": ("api/v1/releases.json", b'{"format": 1, "products": [{"id": "box", "names": {"en": "x"}, "scheme": "dotted", "path": "../../etc/passwd", "platforms": [{"id": "bx1", "names": {}}]}]}'),
    "an address as a path": ("api/v1/releases.json", b'{"format": 1, "products": [{"id": "box", "names": {"en": "x"}, "scheme": "dotted", "path": "http://127.0.0.1/x", "platforms": [{"id": "bx1", "names": {}}]}]}'),
    "a release of no train": ("api/v1/releases/box.json", b'{"format": 1, "product": "box", "severities": [], "trains": [], "releases": [{"id": "1.0.0", "train": "1.0", "path": ""}]}'),
    "other types": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": 7}'),
    "another set": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["2.0"], "kinds": [], "platforms": [], "sets": [], "reasons": {}, "cases": [], "records": {"ids": "", "kinds": [], "cases": [], "sets": [], "cards": []}}'),
    "numbers that lead nowhere": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["1.0.0"], "kinds": [["report", "high"]], "platforms": [], "sets": [[]], "reasons": {"en": ["x"]}, "cases": [[[0, 1, 9]]], "records": {"ids": "a", "kinds": [0], "cases": [0], "sets": [0], "cards": [0]}}'),
    "a set that leads nowhere": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["1.0.0"], "kinds": [["report", "high"]], "platforms": ["bx1"], "sets": [[-1]], "reasons": {"en": ["x"]}, "cases": [[[0, 1, 0, 0]]], "records": {"ids": "a", "kinds": [0], "cases": [0], "sets": [0], "cards": [0]}}'),
    "a number too many": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["1.0.0"], "kinds": [["report", "high"]], "platforms": [], "sets": [[]], "reasons": {"en": ["x"]}, "cases": [[[0, 1, 0]]], "records": {"ids": "a", "kinds": [0, 0], "cases": [0], "sets": [0], "cards": [0]}}'),
    "another record": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["1.0.0"], "kinds": [["report", "high"]], "platforms": [], "sets": [[]], "reasons": {"en": ["x"]}, "cases": [[[0, 1, 0]]], "records": {"ids": "a", "kinds": [0], "cases": [0], "sets": [0], "cards": [0]}}'),
    "a card beyond all": ("api/v1/affected/box/1.0.json", b'{"format": 1, "product": "box", "train": "1.0", "releases": ["1.0.0"], "kinds": [["report", "high"]], "platforms": [], "sets": [[]], "reasons": {"en": ["x"]}, "cases": [[[0, 1, 0]]], "records": {"ids": "a", "kinds": [0], "cases": [0], "sets": [0], "cards": [900000000]}}'),
    "an index of another format": ("prsearch/root.json", b'{"format": 9, "generation": "a", "documents": 1, "block": 16}'),
    "an index without blocks": ("prsearch/root.json", b'{"format": 1, "generation": "a", "documents": 1, "block": 0}'),
    "a generation that is none": ("prsearch/root.json", b'{"format": 1, "generation": "a&b", "documents": 1, "block": 16}'),
    "cards that are none": ("prsearch/c/0.bin", b'[["100001"]]'),
    "a packed file that breaks off": ("prsearch/c/0.bin", gzip.compress(b"[]" * 1000)[:-12]),
    "a packed file that grows": ("prsearch/c/0.bin", gzip.compress(b" " * 60_000_000, 1)),
}


@pytest.mark.parametrize("about", DAMAGE)
def test_damaged_portals(about: str, tmp_path: Path) -> None:
    portal = boxes(tmp_path, report("100001"))
    path, data = DAMAGE[about]
    (portal / path).write_bytes(data)
    out = tmp_path / "own.atom"
    with serving(portal) as (url, _asked):
        for where in (portal, url):
            found = ask(where, "name,model,version\nr1,bx1,1.0.0\n", "--feed", str(out))
            assert found.exit_code == 1
            assert found.stdout == ""
            assert len(found.stderr.splitlines()) == 1, found.stderr
            assert found.stderr.startswith(str(where))
            assert "internal error" not in found.stderr
    assert not out.exists()


def test_a_file_without_end(tmp_path: Path) -> None:
    def endless(handler: Any) -> bool:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b" " * 1_000_000)
        except OSError:
            pass
        return True

    with serving(tmp_path, endless) as (url, _asked), pytest.raises(SourceError, match=r"more than 50,000,000 bytes"):
        Source(url).read("api/v1/releases.json")


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "TIMEOUT", 0.2)
    done = threading.Event()
    with serving(tmp_path, lambda handler: done.wait(10)) as (url, _asked), pytest.raises(SourceError, match=r"cannot be read \(timed out\)"):
        try:
            Source(url).read("api/v1/releases.json")
        finally:
            done.set()


def test_since_leaves_the_whole_report_alone(portal: Path) -> None:
    files = PortalFiles(Source(str(portal)))
    whole = report_on([Device("r1", "box", "bx1", "1.0.0", "", "", (), "1.0.0", True)], files, "en")
    assert [*updated_since(whole, whole.records["100001"].updated).records] == ["100001", "100002"]
