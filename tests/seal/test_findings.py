"""What is wrong with private tables, their settings and their secret, word for word. No finding repeats what a row holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.seal.tables import read_sealing
from kb.findings import Finding
from kb.library import View
from kb.load import load
from kb.resolve import resolve
from kb.seal_key import read_seal_key
from tests.generator.support import AT, SITE, write
from tests.seal.support import BOTH, CASES, ENTITLEMENTS, HEADER, ROW, options_for, private_site, save


def findings_of(root: Path, **changes: object) -> list[Finding]:
    """What loading the site and reading its private tables find."""
    content = load(root, ("en", "ru"))
    library, findings = resolve(content, View(AT))
    sealing = read_sealing(library, options_for(root, **changes)) if library else None
    return [*findings, *(sealing.findings if sealing else ())]


def found(root: Path, **changes: object) -> list[str]:
    """All of it but how dear keys are, notes after errors."""
    return [("note: " if finding.level == "note" else "") + str(finding)
            for finding in sorted(findings_of(root, **changes), key=lambda one: (one.level, one))
            if "processor core" not in finding.reason]


COLUMNS = ("known columns: serial, contract, order, product, platform, plan, replacement, support_start, support_end, shipped, "
           "resold, registered")


@pytest.mark.parametrize(("table", "message"), [
    (HEADER + ROW + ROW, "entitlements.csv:3: has the key of line 2; keep one of the rows"),
    (HEADER + ROW + ROW.replace("BX-7K4Q-0001", "bx7k4q 0001"), "entitlements.csv:3: has the key of line 2; keep one of the rows"),
    (HEADER + ROW.replace("2026-12-31", "2025-12-31"), "entitlements.csv:2: support_end: is before support_start; correct one of them"),
    (HEADER + ROW.replace("2025-12-01", "2025-11-01"), "entitlements.csv:2: resold: is before shipped; correct one of them"),
    (HEADER + ROW.replace("2026-12-31", "31.12.2026"), "entitlements.csv:2: support_end: is not a date; write YYYY-MM-DD, such as 2026-11-22"),
    (HEADER + ROW.replace(",base,", ",basis,"), "entitlements.csv:2: plan: is no known service level; did you mean base?"),
    (HEADER + ROW.replace("next-day", "overnight"), "entitlements.csv:2: replacement: is no known replacement option; write one of next-day"),
    (HEADER + ROW.replace(",box,", ",crate,"), "entitlements.csv:2: product: is not a known product; add it to products.yml"),
    (HEADER + ROW.replace(",true", ",yes"), "entitlements.csv:2: registered: is neither true nor false; write true or false"),
    (HEADER + ROW.replace("BX-7K4Q-0001", " "), "entitlements.csv:2: serial: is empty; every row needs it"),
    (HEADER + ROW.replace("BX-7K4Q-0001", " - "), "entitlements.csv:2: serial: is empty; give every row its key"),
    (HEADER + ROW.replace("BX-7K4Q-0001", "X" * 101), "entitlements.csv:2: serial: is too long for a key; shorten it to 100 characters"),
    (HEADER + ROW.replace(",true", ""), "entitlements.csv:2: has 9 cells where the header has 10; put cells that hold the delimiter in quotes"),
    (HEADER + ROW.replace(",true", ",true,"), "entitlements.csv:2: has 11 cells where the header has 10; put cells that hold the delimiter in quotes"),
    (HEADER + ROW.replace("BX-7K4Q", '"BX-7K4Q'), "entitlements.csv:2: is a broken row or longer than a row may be; check its quotes"),
    (HEADER + ROW.replace("CN-2026", "CN\x07"), "entitlements.csv:2: contract: holds a line break or a control character; remove it"),
    (HEADER + ROW.replace("CN-2026-4711", '"CN\n4711"'), "entitlements.csv:2: contract: holds a line break or a control character; remove it"),
    ("", f"entitlements.csv:1: is no header; begin with a line of column names; {COLUMNS}"),
    (ROW, f"entitlements.csv:1: is no header; begin with a line of column names; {COLUMNS}"),
    (HEADER.replace("plan", "plans") + ROW, "entitlements.csv:1: has an unknown name for column 4; did you mean plan?"),
    (HEADER.replace("plan", "serial") + ROW, "entitlements.csv:1: names a column twice; keep one"),
    (HEADER.replace("product,", "") + ROW, "entitlements.csv:1: has no column product; add it to the export"),
    ("serial,product,platform\nBX1,box,bx9\n", "entitlements.csv:2: platform: is no platform of the product; correct one of them")])
def test_findings_of_rows(tmp_path: Path, table: str, message: str) -> None:
    assert found(private_site(tmp_path / "site", entitlements=table)) == [message]


@pytest.mark.parametrize(("table", "messages"), [
    (CASES.replace("2026-1102-0007,K7QX-M29D", "2026-1332-0007,K7QX-M29D"), ["cases.csv:2: case: is no case number; write it as YYYY-MMDD-NNNN"]),
    (CASES.replace("T16:20:00Z", "T16:20:00"), ["cases.csv:3: modified: has no zone; add Z for UTC or an offset: "]),
    (CASES.replace(",closed,", ",shut,"), ["cases.csv:3: status: is no known status; write one of open, closed"]),
    (CASES.replace(",low", ",lower"), ["cases.csv:3: priority: is no known priority level; did you mean low?"]),
    (CASES.replace("bx1", "bx2"), ["cases.csv:2: platform: is no known platform; write the id of a platform in products.yml",
                                   "cases.csv:3: platform: is no known platform; write the id of a platform in products.yml"]),
    (CASES.replace("2026-0914-0112,K7QX-M29D", "2026-0914-0112,"), ["cases.csv:3: code: is empty; every row needs it"]),
    (CASES.replace("2026-0914-0112,K7QX-M29D", ",K7QX-M29D"), ["cases.csv:3: case: is empty; a case needs case and modified, a return rma and issued"]),
    (CASES.replace("2026-0914-0112", "2026-1102-0007"), ["cases.csv:3: has the number of line 2; keep one of the rows"]),
    (CASES.replace("Harbour office", "H" * 201, 1), ["cases.csv:2: site: has 201 characters; shorten it to 200"])])
def test_findings_of_cases(tmp_path: Path, table: str, messages: list[str]) -> None:
    assert [message.split("offset: ")[0] + "offset: " if "offset: " in message else message
            for message in found(private_site(tmp_path / "site", BOTH, cases=table))] == messages


@pytest.mark.parametrize(("line", "message"), [
    ('{"rma": "R1", "code": "K", "status": "open", "issued": "2026-11-03T10:00:00Z"}', "rma: is no RMA number; write it as RNNNNN or RNNNNN-n"),
    ('{"rma": "R48211-1", "code": "K", "status": "open"}', "issued: is empty; a case needs case and modified, a return rma and issued"),
    ('{"rma": "R48211-1"', "is not valid JSON: Expecting ',' delimiter at character 20; write one JSON object"),
    ('["R48211-1"]', 'is no JSON object; write {"id": ..., "title": ...} on one line'),
    ('{"rma": ["R48211-1"]}', "rma: is a list or a mapping, not one value; write one value"),
    ('{"rmas": "R48211-1"}', "has an unknown field; did you mean rma?")])
def test_findings_of_json_lines(tmp_path: Path, line: str, message: str) -> None:
    assert found(private_site(tmp_path / "site", BOTH, returns=line + "\n")) == [f"returns.jsonl:1: {message}"]


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    (root / "entitlements.csv").write_bytes((HEADER + ROW).encode() + ROW.replace("0001", "0002").replace("CN-", "\u0416-").encode("cp1251"))
    assert found(root) == ["entitlements.csv:3: contract: is not UTF-8; save the file in UTF-8"]
    (root / "entitlements.csv").write_bytes((HEADER + ROW).encode("utf-16"))
    assert found(root) == [f"entitlements.csv:1: is no header; begin with a line of column names; {COLUMNS}"]
    (root / "entitlements.csv").write_bytes("\ufeff".encode() + (HEADER + ROW).replace(",", ";").replace("\n", "\r\n").encode())
    assert found(root) == []


def test_a_source_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    (root / "entitlements.csv").unlink()
    assert found(root) == ["entitlements.csv: cannot be read (No such file or directory); check that it exists and its permissions"]
    (root / "entitlements.csv").mkdir()
    assert found(root) == ["entitlements.csv: is no plain file; name the file itself"]


def test_line_numbers_count_lines_inside_of_cells(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", entitlements=HEADER + ROW.replace("CN-2026-4711", '"a\nb"') + "\n" + ROW.replace("true", "x"))
    assert [message.split(" ")[0] for message in found(root)] == ["entitlements.csv:2:", "entitlements.csv:5:"]


def test_many_faults_are_counted(tmp_path: Path) -> None:
    bad = "".join(ROW.replace("0001", f"{number:04}").replace("true", "x") for number in range(250))
    messages = found(private_site(tmp_path / "site", entitlements=HEADER + bad))
    assert len(messages) == 101
    assert messages[0] == "entitlements.csv: has 150 more faults in its rows; mend the first hundred rows and check again"


def test_no_finding_repeats_what_a_row_holds(tmp_path: Path) -> None:
    text = "serial,contract,product,registered\nQQSECRET1,QQSECRET2,QQSECRET3,QQSECRET4\n" + 'QQSECRET5,"QQSECRET6\nQQSECRET7,QQ",,\n'
    said = "\n".join(found(private_site(tmp_path / "site", entitlements=text)))
    assert said and "QQ" not in said


def test_skipped_rows_are_listed(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", entitlements=HEADER + ROW + ROW + ROW.replace("true", "x"))
    assert found(root, skip_bad_rows=True) == [
        "note: entitlements.csv:3: has the key of line 2, so the row is left out; keep one of the rows",
        "note: entitlements.csv:4: registered: is neither true nor false, so the row is left out; write true or false"]
    result = CliRunner().invoke(main, ["check", "--site", str(root), "--skip-bad-rows"])
    assert result.exit_code == 0
    assert CliRunner().invoke(main, ["check", "--site", str(root)]).exit_code == 1


@pytest.mark.parametrize(("settings", "message"), [
    ("sealed:\n  entitlements: {}\n", "portal.yml:7: sealed.entitlements.source: is missing; add a line 'source: ...'"),
    ("sealed:\n  entitlements: {source: e.xlsx}\n",
     "portal.yml:7: sealed.entitlements.source: 'e.xlsx' is neither a .csv nor a .jsonl file; export the table as CSV or as JSON Lines"),
    ("sealed:\n  entitlements: {source: e.csv, keys: [contract]}\n",
     "portal.yml:7: sealed.entitlements.keys: 'contract' are no keys of entitlements; write [serial], [serial, contract] or [serial, order]"),
    ("sealed:\n  entitlements: {source: e.csv, iterations: 10}\n",
     "portal.yml:7: sealed.entitlements.iterations: '10' is not a whole number in range; write a number from 1000 to 10000000"),
    ("sealed:\n  entitlements: {source: e.csv, epoch: a b}\n",
     "portal.yml:7: sealed.entitlements.epoch: 'a b' is no epoch; write at most 40 letters, digits, points and hyphens, such as 2026-11"),
    ("sealed:\n  entitlement: {source: e.csv}\n", "portal.yml:7: sealed.entitlement: is not a known field; did you mean entitlements?")])
def test_findings_of_settings(tmp_path: Path, settings: str, message: str) -> None:
    root = private_site(tmp_path / "site", settings)
    said = found(root)
    assert [line.split(":", 2)[2] for line in said] == [message.split(":", 2)[2]]


MEND = "make the file with 'waypost seal', or bring it back from where it is kept"


@pytest.mark.parametrize(("text", "message"), [
    (None, f"seal.key: is missing, and sealed tables need its secret; {MEND}"),
    ("", "seal.key:1: secret: is missing; add a line 'secret: ...'"),
    ("5a" * 32, f"seal.key:1: holds no secret; {MEND}"),
    ("secret: 5a5a\n", f"seal.key:1: secret: does not have 64 hexadecimal digits; {MEND}"),
    ("# nothing\nexample: true\n", "seal.key:2: secret: is missing; add a line 'secret: ...'"),
    ("secret: [a\n", f"seal.key:1: is not valid YAML: did not find expected ',' or ']'; {MEND}")])
def test_findings_of_the_secret(tmp_path: Path, text: str | None, message: str) -> None:
    root = private_site(tmp_path / "site")
    (root / "seal.key").unlink()
    if text is not None:
        write(root, "seal.key", text)
    assert found(root) == [message]


def test_the_example_secret_is_for_examples(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    write(root, "seal.key", "secret: " + "5a" * 32 + "\nexample: true\n")
    assert found(root) == []
    write(root, "portal.yml", (SITE["portal.yml"] + ENTITLEMENTS).replace("support.example.com", "support.box.test"))
    assert found(root) == ["note: seal.key: example: marks a secret that everybody knows; make your own with 'waypost seal --replace'"]


def test_a_secret_that_everybody_on_the_machine_can_read_is_told(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    (root / "seal.key").chmod(0o644)
    assert found(root) == ["note: seal.key: can be read by every user of this machine; keep it to its owner with 'chmod 600'"]
    (root / "seal.key").chmod(0o640)
    assert found(root) == []


def test_a_secret_is_made_once_and_replaced_on_demand(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    (root / "seal.key").unlink()
    run = CliRunner()
    assert run.invoke(main, ["seal", "--site", str(root)]).exit_code == 0
    first = read_seal_key(root, "seal.key")
    assert (root / "seal.key").stat().st_mode & 0o777 == 0o600
    refused = run.invoke(main, ["seal", "--site", str(root)])
    assert refused.exit_code == 1
    assert "is there already; --replace writes a new secret" in refused.output
    assert run.invoke(main, ["seal", "--site", str(root), "--replace"]).exit_code == 0
    assert read_seal_key(root, "seal.key") != first
    assert (root / "seal.key").stat().st_mode & 0o777 == 0o600


def notes(root: Path) -> list[str]:
    return [str(finding) for finding in findings_of(root) if "processor core" in finding.reason]


def test_cheap_keys_are_a_note_with_numbers(tmp_path: Path) -> None:
    table = "serial,product\n" + "".join(f"BX{number:07},box\n" for number in range(1_000_000, 4_000_000, 3_000))
    root = private_site(tmp_path / "site", ENTITLEMENTS.replace("1000", "20000"), entitlements=table)
    (line,) = {number for number, text in enumerate((root / "portal.yml").read_text(encoding="utf-8").split("\n"), 1) if "entitlements:" in text}
    assert notes(root) == [
        f"portal.yml:{line}: sealed.entitlements: is opened by serial, of which there may be about 3,000,000: one processor core tries "
        "them all in 9 hours, 330,000 an hour at 20,000 iterations; add contract or order to keys, or raise iterations; "
        "see docs/sealed-tables.md"]


def test_dear_keys_are_no_note(tmp_path: Path) -> None:
    table = HEADER + "".join(ROW.replace("BX-7K4Q-0001", f"BX{number:07}").replace("CN-2026-4711", f"CN-{number * 7919 % 1000003:09}")
                             for number in range(1_000_000, 4_000_000, 30_000))
    root = private_site(tmp_path / "site", "sealed:\n  entitlements: {source: entitlements.csv, keys: [serial, contract]}\n", entitlements=table)
    assert notes(root) == []
    save(root, "entitlements.csv", HEADER + ROW)


def test_the_example_portal_has_no_findings_of_its_tables() -> None:
    content = Path(__file__).parents[2] / "content"
    result = CliRunner().invoke(main, ["check", "--site", str(content)])
    assert result.output.splitlines()[-1] == "0 errors, 0 notes", result.output
