"""From text to keys."""

from hypothesis import given
from hypothesis import strategies as st

from prsearch.analysis import STOP_WORDS, keys, name_key, stem_of, stems, token_keys, tokens


def test_identifiers_stay_whole_and_fall_into_words() -> None:
    assert list(keys("rpd on ge-0/0/0 of 21.4R3-S5")) == [
        "rpd", "ge-0/0/0", "ge", "0", "0", "0", "21.4r3-s5", "21", "4r3", "s5"]
    assert "cve-2024-21591" in set(keys("see CVE-2024-21591.")) and "kern-3-err" in set(keys("%KERN-3-ERR:"))


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_the_fast_way_cuts_as_the_general_one(text: str) -> None:
    assert tokens(text) == [token for token in tokens(f"{text} ж") if token != "ж"]


def test_words_are_stemmed_in_both_languages_and_kept_as_written() -> None:
    assert stem_of("crashes") == stem_of("crashed") == stem_of("crashing") == "crash"
    assert stem_of("маршрутизаторы") == stem_of("маршрутизаторов") == stem_of("маршрутизатора")
    assert token_keys("crashing") == ("crash", "crashing") and token_keys("crash") == ("crash",)
    assert list(keys("Учёт")) == list(keys("учет"))


def test_stop_words_give_no_key_and_keep_their_place() -> None:
    assert list(keys("The end of a line")) == ["end", "line"]
    assert stems("The core dumped (signal 6)") == [None, "core", "dump", "signal", "6"]
    assert not {"as", "no", "not", "off", "up", "down"} & STOP_WORDS


def test_names_are_compared_without_case_blanks_hyphens_and_pr() -> None:
    assert {name_key(name) for name in ("PR 1747984", "pr#1747984", "pr-1747984", "#1747984", "1747984", "1747\u2011984")} == {"#1747984"}
    assert name_key("Cve-2024-1") == name_key("CVE 2024 1") == name_key("cve\u20132024\u22121") == "#cve20241"
    assert name_key("PROD-1") == "#prod1" and name_key("21.4r3 s5") == name_key("21.4R3-S5") == "#21.4r3s5"


def test_long_words_are_cut() -> None:
    assert list(keys("x" * 100)) == ["x" * 64] and all(len(key) <= 64 for key in keys("a-" * 90 + "b"))
