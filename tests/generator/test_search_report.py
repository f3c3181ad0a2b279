"""What readers searched for, from access logs of four servers, hostile lines among them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

from generator.access_logs import AccessLog
from generator.cli import main
from generator.search_report import CLICK, TYPING, Searches, SearchReport, masked, plain
from kb.portal import Portal, PortalText
from tests.generator.support import write_site

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST = "https://support.example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PORTAL = Portal("Box", f"{HOST}/", ("en", "ru"), (PortalText("Box", "", ()), PortalText("Box", "", ())))
Asked = tuple[int, str, str]  # seconds from the start, target, referer


def combined(seconds: int, target: str, referer: str = "-", client: str = "192.0.2.1", agent: str = FIREFOX, status: int = 200) -> str:
    time = (START + timedelta(seconds=seconds)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{time}] "GET {target} HTTP/1.1" {status} 512 "{referer}" "{agent}"\n'


def caddy(seconds: int, target: str, referer: str = "") -> str:
    headers = {"User-Agent": [FIREFOX], **({"Referer": [referer]} if referer else {})}
    return json.dumps({"level": "info", "ts": (START + timedelta(seconds=seconds)).timestamp(), "msg": "handled request", "status": 200,
                       "request": {"remote_ip": "192.0.2.1", "proto": "HTTP/2.0", "method": "GET", "host": "support.example.com",
                                   "uri": target, "headers": headers}}) + "\n"


CLOUDFRONT = ("#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) "
              "cs(User-Agent) cs-uri-query\n")


def cloudfront(seconds: int, target: str, referer: str = "-") -> str:
    path, _mark, query = target.partition("?")
    at = START + timedelta(seconds=seconds)
    return "\t".join([f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", "FRA2", "512", "192.0.2.1", "GET", "d1.cloudfront.net", path, "200",
                      referer.replace("%", "%25") or "-", quote(FIREFOX), query.replace("%", "%25") or "-"]) + "\n"


def report_of(tmp_path: Path, *lines: str, packed: bool = False) -> tuple[SearchReport, AccessLog]:
    file = tmp_path / ("access.log.gz" if packed else "access.log")
    data = "".join(lines).encode()
    file.write_bytes(gzip.compress(data) if packed else data)
    log = AccessLog()
    return Searches(PORTAL).report(log.requests([str(file)])), log


def counted(report: SearchReport) -> dict[str, tuple[int, int]]:
    """(searches, of them without a click) by query."""
    return {asked.query: (asked.searches, asked.without_click) for asked in report.queries}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("line", "head"), [(combined, ""), (caddy, ""), (cloudfront, CLOUDFRONT)])
def test_each_format_tells_the_same(tmp_path: Path, line: Any, head: str, packed: bool) -> None:
    report, log = report_of(
        tmp_path, head, line(0, "/search/?q=BGP%20crash"), line(5, "/pr/100001/", f"{HOST}/search/?q=BGP%20crash"),
        line(300, "/ru/search/?q=%D0%B2%D0%B5%D0%BD%D1%82%D0%B8%D0%BB%D1%8F%D1%82%D0%BE%D1%80"), line(2000, "/pr/?q=fan+tray&status=open"),
        packed=packed)
    assert counted(report) == {"bgp crash": (1, 0), "вентилятор": (1, 1), "fan tray": (1, 1)}
    assert (report.requests, log.unreadable, log.broken) == (4, 0, [])


def test_a_query_that_is_typed_bit_by_bit_counts_once(tmp_path: Path) -> None:
    """The live page changes its address without a request; what it fetches meanwhile names that address."""
    typed = [combined(at, f"/pagefind/index/{at}.pf_index", f"{HOST}/search/?q={'fan tray'[:end].replace(' ', '+')}")
             for at, end in enumerate((1, 2, 3, 5, 8))]
    report, _log = report_of(tmp_path, combined(0, "/search/?q=f"), *typed, combined(20, "/pr/100001/", f"{HOST}/search/?q=fan+tray"))
    assert counted(report) == {"fan tray": (1, 0)}


def test_what_makes_a_click(tmp_path: Path) -> None:
    report, _log = report_of(
        tmp_path,
        combined(0, "/search/?q=one"), combined(9, "/kb/KB10001/"),  # no referer, but soon
        combined(5000, "/search/?q=two"), combined(5001 + CLICK, "/kb/KB10001/"),  # too late
        combined(9000, "/search/?q=three"), combined(9009, "/help/", f"{HOST}/search/?q=three"),  # a guide
        combined(12000, "/search/?q=four"), combined(12009, "/help/", f"{HOST}/kb/"), combined(12010, "/kb/"),  # no results
        combined(15000, "/search/?q=five"), combined(15009, "/kb/KB10001/", client="192.0.2.2"),  # somebody else
        combined(18000, "/search/?q=six"), combined(18009, "/kb/KB10001/", "https://elsewhere.example/"))
    assert counted(report) == {"one": (1, 0), "two": (1, 1), "three": (1, 0), "four": (1, 1), "five": (1, 1), "six": (1, 1)}


def test_other_searches_and_going_back(tmp_path: Path) -> None:
    report, _log = report_of(
        tmp_path, combined(0, "/search/?q=fan"), combined(5, "/pr/1/"), combined(9, "/search/?q=fan"), combined(12, "/pr/2/"),
        combined(14 + TYPING, "/search/?q=fan+tray"), combined(20 + CLICK * 2, "/search/?q=fan+tray"))
    assert counted(report) == {"fan": (1, 0), "fan tray": (2, 2)}


def test_programs_errors_and_other_sites_do_not_count(tmp_path: Path) -> None:
    report, _log = report_of(
        tmp_path, combined(0, "/search/?q=a1", agent="Googlebot/2.1"), combined(1, "/search/?q=a2", agent="-"),
        combined(2, "/search/?q=a3", status=404), combined(3, "/kb/?q=a4"), combined(4, "/search?q=a5", status=301),
        combined(5, "/kb/KB10001/", "https://search.example.net/search/?q=a6"), combined(6, "/search/?q=%20"), combined(7, "/search/"))
    assert (counted(report), report.robots) == ({}, 2)


HOSTILE = [
    "\n", "GET /search/?q=1\n", '192.0.2.1 - - [99/Foo/2026:12:00:00 +0000] "GET /search/?q=1 HTTP/1.1" 200 1 "-" "F"\n',
    '192.0.2.1 - - [31/Feb/2026:12:00:00 +0000] "GET /search/?q=1 HTTP/1.1" 200 1 "-" "F"\n',
    '192.0.2.1 - - [22/Nov/2026:12:00:00 +9999] "GET /search/?q=1 HTTP/1.1" 200 1 "-" "F"\n',
    '192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "\\x16\\x03\\x01" 400 1 "-" "-"\n', "{\n", "{}\n", '{"ts": 1e999, "request": {"uri": "/"}}\n',
    '{"ts": "yesterday", "request": {"uri": "/"}}\n', '{"ts": 1, "request": ' + '{"a":' * 5000 + "\n", '{"ts": 1, "request": {"uri": 5}}\n',
    "\x00\x01\x02\n", '"' * 5000 + "\n", "\\" * 5000 + "\n", "[" * 5000 + "\n", "a " * 100_000 + "\n",
]
DOUBTFUL = [  # read, and worth nothing
    combined(0, "/search/?q=" + "&q=x" * 500), combined(0, "/search/?" + "&" * 5000), combined(0, "//[/search/?q="), combined(0, "/?q=%"),
    combined(0, "/pr/1/", "http://[::1/search/?q=x"), combined(0, "/pr/1/", "\\xff\\xfe"),
]


def test_hostile_lines_are_counted(tmp_path: Path) -> None:
    report, log = report_of(tmp_path, *HOSTILE, *DOUBTFUL, combined(1, "/search/?q=fan"))
    assert log.unreadable == len(HOSTILE) - 1  # one is empty
    assert "fan" in counted(report)


def test_a_line_without_end_and_a_cut_file_are_no_danger(tmp_path: Path) -> None:
    report, log = report_of(tmp_path, combined(1, "/search/?q=fan"), "x" * 300_000 + "\n", combined(2, "/search/?q=tray"))
    assert (counted(report), log.unreadable) == ({"fan": (1, 1), "tray": (1, 1)}, 1)
    file = tmp_path / "cut.gz"
    whole = gzip.compress("".join(combined(at, f"/search/?q=word{at}") for at in range(20_000)).encode())
    for data in (whole[: len(whole) // 2], whole[:2] + b"\x00" * 50, whole[:1000] + b"\xff" * 200 + whole[1200:]):
        file.write_bytes(data)
        log = AccessLog()
        assert len(list(log.requests([str(file)]))) < 20_000
        assert log.broken == [str(file)]


def test_rotated_logs_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(combined(60, "/pr/100001/"))
    (tmp_path / "access.log.1").write_text(combined(0, "/search/?q=fan"))
    report = Searches(PORTAL).report(AccessLog().requests([str(tmp_path / "access.log"), str(tmp_path / "access.log.1")]))
    assert counted(report) == {"fan": (1, 0)}


@pytest.mark.parametrize(("query", "shown"), [
    ("mail ann@example.com now", "mail <e-mail> now"), ("peer 10.0.0.1 down", "peer <address> down"), ("2001:db8::1", "<address>"),
    ("call +7 (495) 123-45-67 89", "call <number>"), ("1747984", "1747984"), ("21.4r3-s5", "21.4r3-s5"), ("cve-2024-21591", "cve-2024-21591"),
    ("ge-0/0/0 down", "ge-0/0/0 down")])
def test_what_may_be_somebodys_is_masked(query: str, shown: str) -> None:
    assert masked(query) == shown


def test_queries_are_counted_in_one_form() -> None:
    assert plain("  BGP\tcrash\n\x1b[31m ") == "bgp crash [31m"
    assert len(plain("x" * 10_000)) == 200


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["search-report", *arguments])


def test_the_command_asks_the_portal_and_names_nobody(tmp_path: Path) -> None:
    root, file = write_site(tmp_path / "site"), tmp_path / "access.log"
    file.write_text("".join([combined(0, "/search/?q=hums"), combined(9, "/pr/100001/"), combined(900, "/search/?q=xyzzy+plugh"),
                             combined(1800, "/search/?q=hums"), combined(2700, "/search/?q=status:nonsense"), "nonsense\n"]))
    done = run(str(file), "--site", str(root), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["unreadable"] == 1 and told["searches"] == 4
    assert told["from"] == "2026-11-22T12:00:00Z"
    assert told["queries"][0] == {"query": "hums", "searches": 2, "without_click": 1}
    assert [asked["query"] for asked in told["without_results"]] == ["status:nonsense", "xyzzy plugh"]
    assert "192.0.2.1" not in done.output and "Firefox" not in done.output
    lines = run(str(file), "--site", str(root), "--limit", "1").stdout.splitlines()
    assert lines[0] == ("5 requests from 2026-11-22T12:00:00Z to 2026-11-22T12:45:00Z, 0 of them by programs; 4 searches")
    assert [line.split() for line in lines if line.startswith("  ")] == [["2", "hums"], ["1", "status:nonsense"], ["1", "hums"]]


def test_a_file_that_is_no_log_ends_with_one_line(tmp_path: Path) -> None:
    root, file = write_site(tmp_path / "site"), tmp_path / "notes.txt"
    file.write_text("no log\n")
    done = run(str(file), "--site", str(root))
    assert done.exit_code == 1
    assert done.stderr.splitlines() == ["1 line of 1 could not be read", "no line is a request in a format that is known; write combined "
                                        "(nginx, Apache), Caddy's JSON or W3C extended logs"]
