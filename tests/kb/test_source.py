"""Reading files: what is a text, what is a value, what is refused; hostile bytes make findings and nothing else."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.findings import Finding, SourceError
from kb.plain_yaml import read_plain
from kb.source import (
    MAX_DEPTH,
    MAX_FILE_BYTES,
    MAX_LINE_BYTES,
    Value,
    decode,
    from_json,
    json_lines,
    json_object,
    parse_full_yaml,
    parse_yaml,
    read_bytes,
    read_document,
    read_yaml,
)

YAML_REMEDY = "check indentation, quotes and colons on this line and the one before"


def refused(error: pytest.ExceptionInfo[SourceError]) -> str:
    return str(error.value.finding)


def read_jsonl(root: Path, path: str) -> Iterator[tuple[int, dict[str, Value] | Finding]]:
    return ((number, json_object(raw, path, number)) for number, _start, raw in json_lines(root, path))


def plain(value: Value) -> Any:
    """A value without its lines."""
    if isinstance(value.data, dict):
        return {name: plain(item) for name, item in value.data.items()}
    return [plain(item) for item in value.data] if isinstance(value.data, list) else value.data


# -- bytes and texts -------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "text"), [
    (b"", ""),
    (b"a\r\nb\rc\n", "a\nb\nc\n"),
    (b"\xef\xbb\xbfname: x", "name: x"),
    ("ЁЖ\t\u00a0😀\u2028".encode(), "ЁЖ\t\u00a0😀\u2028"),
])
def test_bytes_become_text_with_plain_line_ends(data: bytes, text: str) -> None:
    assert decode(data, "a.md") == text


@pytest.mark.parametrize(("data", "message"), [
    (b"ok\n\nbad \xff\n", "a.md:3: 'byte 0xff' is not UTF-8; save the file in UTF-8"),
    ("Пример".encode("cp1251"), "a.md:1: 'byte 0xcf' is not UTF-8; save the file in UTF-8"),
    ("name".encode("utf-16"), "a.md:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"),
    (b"a\xed\xa0\x80", "a.md:1: 'byte 0xed' is not UTF-8; save the file in UTF-8"),
    (b"a\xc0\xaf", "a.md:1: 'byte 0xc0' is not UTF-8; save the file in UTF-8"),
    (b"a\nb\x00c", "a.md:2: 'U+0000' is a control character; delete it"),
    (b"a\r\nb\r\n\x1b[31m", "a.md:3: 'U+001B' is a control character; delete it"),
    (b"a\x0cb", "a.md:1: 'U+000C' is a control character; delete it"),
    (b"a\x7fb", "a.md:1: 'U+007F' is a control character; delete it"),
    ("a\x85b".encode(), "a.md:1: 'U+0085' is a control character; delete it"),
    ("a\n\x93quoted\x94".encode(), "a.md:2: 'U+0093' is a control character; delete it"),
    ("a\ufffe".encode(), "a.md:1: 'U+FFFE' is a control character; delete it"),
    ("a\ufdd0".encode(), "a.md:1: 'U+FDD0' is a control character; delete it"),
])
def test_bytes_that_are_no_text_are_refused_with_their_line(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as error:
        decode(data, "a.md")
    assert refused(error) == message


def test_lines_of_a_piece_count_from_where_it_begins() -> None:
    with pytest.raises(SourceError) as error:
        decode(b"x\n\xff", "a.jsonl", first_line=7)
    assert error.value.finding.line == 8


# -- files -----------------------------------------------------------------------------------------


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("there.md"))


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere.md"))


def _sized(size: int) -> Any:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)
    return make


@pytest.mark.parametrize(("make", "message"), [
    (lambda path: None, "a.md: cannot be read (No such file or directory); check that it exists and its permissions"),
    (_link, "a.md: is a symbolic link; put the file itself here"),
    (_loop, "a.md: is a symbolic link; put the file itself here"),
    (_dangling, "a.md: is a symbolic link; put the file itself here"),
    (Path.mkdir, "a.md: is no plain file; put a file here"),
    (os.mkfifo, "a.md: is no plain file; put a file here"),
    (_sized(MAX_FILE_BYTES + 1), "a.md: has 5,000,001 bytes; split it: a text file has at most 5,000,000 bytes"),
    (_sized(10_000_000), "a.md: has 10,000,000 bytes; split it: a text file has at most 5,000,000 bytes"),
])
def test_what_is_no_readable_file_is_refused(tmp_path: Path, make: Any, message: str) -> None:
    (tmp_path / "there.md").write_text("text")
    make(tmp_path / "a.md")
    with pytest.raises(SourceError) as error:
        read_bytes(tmp_path, "a.md")
    assert refused(error) == message


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    _sized(MAX_FILE_BYTES)(tmp_path / "a.md")
    assert len(read_bytes(tmp_path, "a.md")) == MAX_FILE_BYTES


@pytest.mark.parametrize("make", [_link, _loop, os.mkfifo, Path.mkdir])
def test_lines_are_read_from_plain_files_only(tmp_path: Path, make: Any) -> None:
    (tmp_path / "there.md").write_text("{}")
    make(tmp_path / "a.jsonl")
    with pytest.raises(SourceError):
        list(read_jsonl(tmp_path, "a.jsonl"))


# -- front matter ----------------------------------------------------------------------------------


def document(tmp_path: Path, text: str) -> Any:
    (tmp_path / "a.md").write_bytes(text.encode())
    return read_document(tmp_path, "a.md")


@pytest.mark.parametrize(("text", "fields", "body", "line"), [
    ("---\nid: x\n---\n", {"id": "x"}, "", 4),
    ("---\nid: x\n---", {"id": "x"}, "", 4),
    ("---\nid: x\n---\nText\n---\nmore", {"id": "x"}, "Text\n---\nmore", 4),
    ("---\nid: x\ntext: |\n  ---\n---\n\n\nText", {"id": "x", "text": "---\n"}, "\n\nText", 6),
    ("---\nid: '\n ---x'\n---\nText", {"id": " ---x"}, "Text", 5),
    ("\ufeff---\r\nid: x\r\n---\r\nText\r\n", {"id": "x"}, "Text\n", 4),
])
def test_a_document_is_front_matter_and_text(tmp_path: Path, text: str, fields: dict[str, str], body: str, line: int) -> None:
    found = document(tmp_path, text)
    assert {name: value.data for name, value in found.fields.items()} == fields
    assert (found.body, found.body_line) == (body, line)


@pytest.mark.parametrize(("text", "message"), [
    ("", "a.md:1: has no front matter; begin the file with a line '---', the fields, and another '---'"),
    ("id: x\n", "a.md:1: has no front matter; begin the file with a line '---', the fields, and another '---'"),
    ("\n---\nid: x\n---\n", "a.md:1: has no front matter; begin the file with a line '---', the fields, and another '---'"),
    ("---\nid: x\n", "a.md:1: has front matter without an end; close it with a line '---'"),
    ("---\nid: x\n----\n--- x\n", "a.md:1: has front matter without an end; close it with a line '---'"),
    ("---\n---\n", "a.md:2: has front matter that is no mapping; write one 'field: value' a line"),
    ("---\n- id\n---\n", "a.md:2: has front matter that is no mapping; write one 'field: value' a line"),
    ("---\nid\n---\n", "a.md:2: has front matter that is no mapping; write one 'field: value' a line"),
    ("---\nid: x\ntitle: a: b\n---\n",
     f"a.md:3: is not valid YAML: mapping values are not allowed in this context; {YAML_REMEDY}"),
    ("---\nid: x\nid: y\n---\n", "a.md:3: 'id' is given twice; keep one (the first is on line 2)"),
])
def test_broken_front_matter_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        document(tmp_path, text)
    assert refused(error) == message


# -- YAML ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [
    ("a: 21.10", {"a": "21.10"}),
    ("a: no\nb: On\nc: 0x1F\nd: 1_000\ne: 2026-11-22\nf: 1e3\ng: .inf",
     {"a": "no", "b": "On", "c": "0x1F", "d": "1_000", "e": "2026-11-22", "f": "1e3", "g": ".inf"}),
    ("a:\nb: ~\nc: null\nd: ''\ne: '~'\nf: \"null\"", {"a": None, "b": None, "c": None, "d": "", "e": "~", "f": "null"}),
    ("a: |\n  x\n\n   y\nb: >-\n  x\n  y", {"a": "x\n\n y\n", "b": "x y"}),
    ("a: [1, [2], {b: 3}]", {"a": ["1", ["2"], {"b": "3"}]}),
    ("'a b': \"\\u0416\\t\"", {"a b": "Ж\t"}),
    ("# nothing", None),
    ("", None),
    ("%YAML 1.1\n---\na: b\n...\n", {"a": "b"}),
    ("? a\n: b", {"a": "b"}),
])
def test_yaml_scalars_stay_as_written(text: str, expected: Any) -> None:
    assert plain(parse_yaml(text, "a.yml")) == expected


def test_an_empty_yaml_file_is_an_empty_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("# nothing\n")
    assert read_yaml(tmp_path, "a.yml") == Value(1, {})


def test_yaml_values_know_their_line() -> None:
    value = parse_yaml("a: 1\nb:\n  c: 2\n\n  d:\n    - 3\n    -\n      e: 4\nf: |\n  5\n", "a.yml", first_line=11)
    root = value.data
    assert isinstance(root, dict)
    assert {name: item.line for name, item in root.items()} == {"a": 11, "b": 12, "f": 19}
    inner = root["b"].data
    assert isinstance(inner, dict)
    assert {name: item.line for name, item in inner.items()} == {"c": 13, "d": 15}
    assert isinstance(inner["d"].data, list)
    assert [item.line for item in inner["d"].data] == [16, 18]


BOMB = "a: &a [x, x]\n" + "".join(f"{name}: &{name} [*{last}, *{last}]\n"
                                   for last, name in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(("text", "message"), [
    ("a: [1, 2", f"a.yml:1: is not valid YAML: did not find expected ',' or ']'; {YAML_REMEDY}"),
    ("a: ]", f"a.yml:1: is not valid YAML: did not find expected node content; {YAML_REMEDY}"),
    ("a: {b", f"a.yml:1: is not valid YAML: did not find expected ',' or '}}'; {YAML_REMEDY}"),
    ("a: [\nb: c\nd: e", f"a.yml:3: is not valid YAML: did not find expected ',' or ']'; {YAML_REMEDY}"),
    ("x: y\na: 'b\nc: d\n", f"a.yml:2: is not valid YAML: found unexpected end of stream; {YAML_REMEDY}"),
    ("a: b: c", f"a.yml:1: is not valid YAML: mapping values are not allowed in this context; {YAML_REMEDY}"),
    ("a:\n\tb: c", f"a.yml:2: is not valid YAML: found character that cannot start any token; {YAML_REMEDY}"),
    ("a: @b", f"a.yml:1: is not valid YAML: found character that cannot start any token; {YAML_REMEDY}"),
    ("a: b\n c: d", f"a.yml:2: is not valid YAML: mapping values are not allowed in this context; {YAML_REMEDY}"),
    ("- a\nb: c", f"a.yml:2: is not valid YAML: did not find expected '-' indicator; {YAML_REMEDY}"),
    ("a: \"\\ud800\"", f"a.yml:1: is not valid YAML: found invalid Unicode character escape code; {YAML_REMEDY}"),
    ("a: \"\\q\"", f"a.yml:1: is not valid YAML: found unknown escape character; {YAML_REMEDY}"),
    ("a: b\n\nc: \"x\\0y\"", "a.yml:3: 'U+0000' is a control character; delete it"),
    ("a: \"\\e[31m\"", "a.yml:1: 'U+001B' is a control character; delete it"),
    ("\"a\\u0085\": b", "a.yml:1: 'U+0085' is a control character; delete it"),
    ("a: &x b", "a.yml:1: 'x' is an anchor or alias; write the value out"),
    ("a: b\nc: *x", "a.yml:2: 'x' is an anchor or alias; write the value out"),
    ("a: &x [b]\nc: *x", "a.yml:1: 'x' is an anchor or alias; write the value out"),
    ("&x a: b", "a.yml:1: 'x' is an anchor or alias; write the value out"),
    (BOMB, "a.yml:1: 'a' is an anchor or alias; write the value out"),
    ("a: !!str b", "a.yml:1: 'tag:yaml.org,2002:str' is a tag; write the value without it"),
    ("a: !!python/object/apply:os.system [id]",
     "a.yml:1: 'tag:yaml.org,2002:python/object/apply:os.system' is a tag; write the value without it"),
    ("a:\n- ! b", "a.yml:2: '!' is a tag; write the value without it"),
    ("a: b\na: c", "a.yml:2: 'a' is given twice; keep one (the first is on line 1)"),
    ("a: b\n'a': c", "a.yml:2: 'a' is given twice; keep one (the first is on line 1)"),
    ("x:\n  - b: 1\n    c: 2\n    b: 3", "a.yml:4: 'b' is given twice; keep one (the first is on line 2)"),
    ("a:\n  - b\na: c", "a.yml:3: 'a' is given twice; keep one (the first is on line 1)"),
    ("? [a, b]\n: c", "a.yml:1: is no field name; write 'field: value'"),
    ("? {a: b}\n: c", "a.yml:1: is no field name; write 'field: value'"),
    ("~: b", "a.yml:1: is no field name; write 'field: value'"),
    ("a: b\n---\nc: d", "a.yml:2: begins a second document; keep one document a file"),
    ("a:\n " + "[" * 13 + "]" * 13, "a.yml:2: is nested too deeply; use at most 12 levels"),
    ("[" * 100_000, "a.yml:1: is nested too deeply; use at most 12 levels"),
    ("{a: " * 100_000, "a.yml:1: is nested too deeply; use at most 12 levels"),
    ("- " * 100_000, "a.yml:1: is nested too deeply; use at most 12 levels"),
    ("? " * 1000, "a.yml:1: is nested too deeply; use at most 12 levels"),
    ("".join(" " * number + "a:\n" for number in range(2000)), "a.yml:13: is nested too deeply; use at most 12 levels"),
])
def test_refused_yaml(text: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        parse_yaml(text, "a.yml")
    assert refused(error) == message


def test_the_greatest_depth_is_read() -> None:
    text = "[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH
    value: Any = plain(parse_yaml(text, "a.yml"))
    assert plain(from_json(text.replace("x", '"x"'), "a.jsonl", 1)) == value
    for _ in range(MAX_DEPTH):
        (value,) = value
    assert value == "x"


# -- JSON ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [
    ('{"a": 21.10, "b": 1747984, "c": -0, "d": 1E5}', {"a": "21.10", "b": "1747984", "c": "-0", "d": "1E5"}),
    ('{"a": true, "b": false, "c": null}', {"a": "true", "b": "false", "c": None}),
    ('{"a": 1e999999999}', {"a": "1e999999999"}),
    ('{"a": ' + "9" * 900_000 + "}", {"a": "9" * 900_000}),
    ('{"a": "\\u0416\\ud83d\\ude00"}', {"a": "Ж😀"}),
    ('{"a": [1, [], {}]}', {"a": ["1", [], {}]}),
])
def test_json_numbers_stay_as_written(text: str, expected: Any) -> None:
    assert plain(from_json(text, "a.jsonl", 1)) == expected


MANY_KEYS = "{" + "".join(f'"k{number}": 1, ' for number in range(50_000)) + '"k49999": 2}'


@pytest.mark.parametrize(("text", "message"), [
    ('{"a": 1', "a.jsonl:5: is not valid JSON: Expecting ',' delimiter at character 8; write one JSON object"),
    ("", "a.jsonl:5: is not valid JSON: Expecting value at character 1; write one JSON object"),
    ('{"a": 01}', "a.jsonl:5: is not valid JSON: Expecting ',' delimiter at character 8; write one JSON object"),
    ("{'a': 1}", "a.jsonl:5: is not valid JSON: Expecting property name enclosed in double quotes at character 2; "
                 "write one JSON object"),
    ('{"a": 1} {"b": 2}', "a.jsonl:5: is not valid JSON: Extra data at character 10; write one JSON object"),
    ('{"a": 1, "b": 2, "a": 3}', "a.jsonl:5: 'a' is given twice; keep one"),
    ('{"x": {"a": 1, "a": 1}}', "a.jsonl:5: 'a' is given twice; keep one"),
    (MANY_KEYS, "a.jsonl:5: 'k49999' is given twice; keep one"),
    ('{"a": "\\u0000"}', "a.jsonl:5: 'U+0000' is a control character; delete it"),
    ('{"a": "\x7f"}', "a.jsonl:5: 'U+007F' is a control character; delete it"),
    ('{"a": "\\b"}', "a.jsonl:5: 'U+0008' is a control character; delete it"),
    ('{"a": ["\\ud800"]}', "a.jsonl:5: 'U+D800' is a control character; delete it"),
    ('{"a\\u001b": 1}', "a.jsonl:5: 'U+001B' is a control character; delete it"),
    ('{"\\udfff": 1, "\\udfff": 2}', "a.jsonl:5: 'U+DFFF' is a control character; delete it"),
    ('{"a": ' + "[" * 13 + "]" * 13 + "}", "a.jsonl:5: is nested too deeply; use at most 12 levels"),
    ("[" * 500_000, "a.jsonl:5: is nested too deeply; use at most 12 levels"),
    ('{"a":' * 100_000, "a.jsonl:5: is nested too deeply; use at most 12 levels"),
])
def test_refused_json(text: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        from_json(text, "a.jsonl", 5)
    assert refused(error) == message


def jsonl(tmp_path: Path, data: bytes) -> list[tuple[int, Any]]:
    (tmp_path / "a.jsonl").write_bytes(data)
    return [(line, str(item) if isinstance(item, Finding) else {name: plain(value) for name, value in item.items()})
            for line, item in read_jsonl(tmp_path, "a.jsonl")]


def test_each_json_line_is_read_for_itself(tmp_path: Path) -> None:
    data = (b'{"id": 1}\n\n  \r\n{"id": 2}\r\n[1]\nnull\n{"id": \xff}\n{"a": "\x01"}\n{\n'
            + b'{"id": 3, "t": "' + b"x" * MAX_LINE_BYTES + b'"}\n' + b"\xef\xbb\xbf" + b'{"id": 4}')
    no_object = 'is no JSON object; write {"id": ..., "title": ...} on one line'
    assert jsonl(tmp_path, data) == [
        (1, {"id": "1"}), (4, {"id": "2"}), (5, f"a.jsonl:5: {no_object}"), (6, f"a.jsonl:6: {no_object}"),
        (7, "a.jsonl:7: 'byte 0xff' is not UTF-8; save the file in UTF-8"),
        (8, "a.jsonl:8: 'U+0001' is a control character; delete it"),
        (9, "a.jsonl:9: is not valid JSON: Expecting property name enclosed in double quotes at character 3; "
            "write one JSON object"),
        (10, "a.jsonl:10: is longer than 1,000,000 bytes; split the record or move text into attachments"),
        (11, {"id": "4"})]


@pytest.mark.parametrize("length", [MAX_LINE_BYTES - 1, MAX_LINE_BYTES, MAX_LINE_BYTES + 1, 3 * MAX_LINE_BYTES + 7])
def test_a_line_of_any_length_ends_where_it_ends(tmp_path: Path, length: int) -> None:
    long = b'{"a": "' + b"x" * (length - 10) + b'"}\n'
    assert len(long) == length
    found = jsonl(tmp_path, long + b'{"id": 2}\n')
    assert found[1:] == [(2, {"id": "2"})]
    assert isinstance(found[0][1], dict) == (length <= MAX_LINE_BYTES)


# -- anything --------------------------------------------------------------------------------------

yamlish = st.text(st.sampled_from(list("ab:-[]{}&*!|>'\"#%@`,? \n\t~<\\0x\x85")), max_size=60)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"), max_size=20)
keys = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=10)
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20)


@given(st.binary(max_size=200))
def test_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode(data, "a.md")
    except SourceError as error:
        assert error.finding.line >= 1
    else:
        assert "\r" not in text


@given(st.binary(max_size=100) | yamlish.map(str.encode) | yamlish.map(lambda text: f"---\n{text}\n---\n".encode()))
def test_a_file_of_any_bytes_is_a_document_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.md").write_bytes(data)
        try:
            found = read_document(Path(folder), "a.md")
        except SourceError as error:
            assert 0 <= error.finding.line <= data.count(b"\n") + data.count(b"\r") + 2
        else:
            assert all(1 < value.line <= found.body_line for value in found.fields.values())


@given(yamlish | st.text(max_size=60))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    try:
        value = parse_yaml(text, "a.yml")
    except SourceError as error:
        assert error.finding.reason
    else:
        assert value.line >= 1


@given(st.text(st.sampled_from(list('{}[]":,0123e+-.tfnul \\"aA')), max_size=40) | trees.map(json.dumps))
def test_any_text_is_json_or_refused(text: str) -> None:
    try:
        from_json(text, "a.jsonl", 1)
    except SourceError as error:
        assert error.finding.line == 1


@given(trees)
def test_json_and_yaml_read_the_same(tree: Any) -> None:
    text = json.dumps(tree, ensure_ascii=False)
    try:
        value = from_json(text, "a", 1)
    except SourceError as error:
        assert error.finding.reason in {"is nested too deeply", "is a control character"}
    else:
        assert plain(parse_yaml(text, "a")) == plain(value)


written = st.one_of(
    st.sampled_from(["", "x", "null", "~", "21.4 before 21.4R3", "'it''s'", "'", "''", '"a b"', '"a\\n"', "a: b", "a:", "a #b", "a#b", "x ", "Ж",
                     "- x", "[a]", "|", "a:b", "&a x", "!x y", "?", "1.5", "x\u2028y", "x\ty", "...", "---", "'a' b", "%a", "@a"]),
    st.text(st.sampled_from(list("ab1:-'\"# ,[]{}\\Ж/.")), max_size=6))
lines = st.builds("".join, st.tuples(
    st.sampled_from(["", "", "  ", "    ", " ", "      "]), st.sampled_from(["", "", "- ", "-", "-  "]),
    st.sampled_from(["", "a: ", "b: ", "c:", "d:", "id: ", "null: ", "'e': ", "f:  ", "g :"]), written))


@given(st.lists(lines, max_size=8).map("\n".join) | yamlish, st.sampled_from(["", "\n"]))
def test_plain_yaml_is_read_as_the_full_parser_reads_it(text: str, end: str) -> None:
    found = read_plain(text + end, 3)
    assert found is None or found == parse_full_yaml(text + end, "a.yml", 3)


@pytest.mark.parametrize("text", [
    "a: b\n", "a:\nb: null", "a:\n- b: c\n  d:\n  - e\n  - f\n- b: ''\ng: 'x: y'\n", "a:\n  b:\n    c: Ж\n  d: x\n",
])
def test_usual_front_matter_is_plain(text: str) -> None:
    assert read_plain(text, 3) == parse_full_yaml(text, "a.yml", 3)
