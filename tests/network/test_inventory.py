"""Inventories are read alike by Python and the browser."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from generator.api.releases import ReleaseIndex
from generator.network.catalogue import known_of
from kb.inventory import FAULTS, Known, devices_of, read_inventory
from tests.browser_modules import Node, answering

HERE = Path(__file__).parent
VECTORS = json.loads((HERE / "inventory_vectors.json").read_text("utf-8"))
CATALOGUE = VECTORS["catalogue"]
CASES = {case["about"]: case for case in VECTORS["cases"]}
NOTED = ("line", "field", "value", "device", "code")


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with answering(HERE / "node.mjs") as started:
        yield started


def known() -> Known:
    index = msgspec.convert(CATALOGUE["index"], ReleaseIndex)
    return known_of(index, lambda product: [release["id"] for release in CATALOGUE["releases"][product.id]["releases"]])


def plain(found: object) -> Any:
    return json.loads(msgspec.json.encode(found))


@pytest.mark.parametrize("about", CASES)
def test_python(about: str) -> None:
    case = CASES[about]
    for text in (case["text"], case["text"].encode(), case["text"].removeprefix("\ufeff").encode("utf-16")):
        devices, faults = devices_of(text, known())
        assert plain(devices) == case["devices"]
        assert plain(faults) == case["faults"]


@pytest.mark.parametrize("about", CASES)
def test_browser(about: str, node: Node) -> None:
    case = CASES[about]
    found = node.call("readInventory", case["text"], CATALOGUE)
    assert found["devices"] == case["devices"]
    assert [{name: one[name] for name in NOTED} | {name: one["values"][name] for name in ("guess", "about")} for one in found["findings"]] == case["faults"]
    assert [one["level"] for one in found["findings"]] == [FAULTS[one["code"]][0] for one in case["faults"]]
    assert found["missing"] == []


def test_the_browser_loads_the_products_in_use_alone(node: Node) -> None:
    text = "name,product,release\nr1,exos,21.4R1\nr2,insight,5.9.1\n"
    found = node.call("loadedInventory", text, CATALOGUE)
    assert found["loaded"] == ["api/v1/releases/exos.json", "api/v1/releases/insight.json"]
    assert [device["checked"] for device in found["devices"]] == [True, True]


def test_the_file_of_an_inventory_is_one(node: Node) -> None:
    devices, faults = devices_of("name,product,release,tags\nr1,exos,21.4R3-S5.4,a b\nr2,exos,99,\n", known())
    written = node.call("inventoryFile", plain(devices))
    again, others = devices_of(written, known())
    assert [msgspec.structs.replace(device, line=0) for device in devices] == again
    assert [fault.code for fault in others] == [fault.code for fault in faults]


def test_all_faults_are_met() -> None:
    met = {fault["code"] for case in CASES.values() for fault in case["faults"]}
    assert met == FAULTS.keys() - {"encoding", "too-large", "too-many"}


def test_findings_in_words() -> None:
    text = "name,product,platform,release\nr1,exos,ar90,21.4R3-S5.4\nr2,exos,,21.4R3-S7\nr2,exos,,21.4R1\n"
    _devices, findings = read_inventory(text, "net.csv", known())
    assert [str(finding) for finding in findings] == [
        "net.csv:2: platform: 'ar90' is no platform of exos; did you mean ar900?",
        "net.csv:2: release: '21.4R3-S5.4' is a respin of 21.4R3-S5 and counts as that",
        "net.csv:3: release: '21.4R3-S7' is no known release of exos; did you mean 21.4R3-S5?",
        "net.csv:4: name: 'r2' is the name of an earlier device too; give each device its own name"]


def test_what_is_no_text() -> None:
    assert [str(finding) for finding in read_inventory(b"name,product\n\xff\xfa,exos\n", "net.csv", known())[1]] == [
        "net.csv: is not UTF-8; save the file in UTF-8"]


def test_deeply_nested_json_is_no_crash() -> None:
    assert devices_of("[" * 100_000, known())[1][0].code == "bad-json"
    assert devices_of('["\\ud800"]', known())[0] == []


def many(number: int) -> Iterator[str]:
    csv = [f"r{at},exos,AR900,21.4R3-S{at % 7 + 1}.{at % 3 + 1},SN{at},site {at % 40},core;lab" for at in range(number)]
    yield "name,product,platform,release,serial,site,tags\n" + "\n".join(csv)
    yield json.dumps([{"name": f"r{at}", "product": "exos", "release": f"21.4R{at}"} for at in range(number)])
    yield "".join(f"user@r{at}> show version\nHostname: r{at}\nModel: ar900\nExOS: 21.4R3-S5\n" + "Kernel 64-bit [x]\n" * 6 for at in range(number))


def test_ten_thousand_devices(node: Node) -> None:
    for text in many(10_000):
        start = time.process_time()
        devices, _faults = devices_of(text, known())
        assert len(devices) == 10_000
        assert time.process_time() - start < 4
        timed = node.call("timed", text, CATALOGUE)
        assert timed["devices"] == 10_000
        assert timed["seconds"] < 4


def test_long_and_odd_lines_take_no_time() -> None:
    for text in ("a" * 2_000_000, "name,product\n" + '"' * 2_000_001, "Hostname: " * 200_000, "@" * 1_000_000 + ">", " \t" * 1_000_000):
        start = time.process_time()
        devices_of(text, known())
        assert time.process_time() - start < 4, re.sub(r"(.{20}).*", r"\1", text)


PIECES = ["name", "hostname", "product", "model", "version", "serial number", "tags", "relaese", ",", ",", ";", "\t", "\n", "\r\n", "\r", '"', '""', " ", "\u00a0", "exos",
          "ExOS", "AR900", "21.4R3-S5", "21.4r3-s5.4", "22.2R3-EVO", "5.11", "21.4", "99", "r1", "\ufeff", "\u0130", "\u212a", "ß", "я", "\U0001f600", "Hostname: r1", "Model: ar900", "ExOS: 21.4R1",
          "user@r1> show version", "x@y:~$ VERSION", "Exemplar Insight 5.11.3 (appliance IA500,", "{", "}", "[", "]", ":", '"name"', '"release"', '"format":1', '"devices"', "1", "null", "\\", "\x1b", "\x00", "\x1c", "\x85", "\u2028", "#"]
STARTS = ["", "name,product,version\n", "hostname;model;version;tags\r\n", '[{"name":"a","version":"', '{"format":1,"devices":[', "user@r1> show version\n"]


def test_any_text_is_read_alike(node: Node) -> None:
    random, products = Random(11), known()
    for _ in range(1_500):
        text = random.choice(STARTS) + "".join(random.choices(PIECES, k=random.randint(0, 24)))
        devices, faults = devices_of(text, products)
        found = node.call("readInventory", text, CATALOGUE)
        assert found["devices"] == plain(devices), text
        told = [{name: one[name] for name in NOTED} | {"about": one["values"]["about"]} for one in found["findings"]]
        assert told == [{name: one[name] for name in (*NOTED, "about")} for one in plain(faults)], text  # guesses may differ
