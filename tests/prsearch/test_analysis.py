"""From text to terms."""

from prsearch.analysis import pieces, term_of, terms


def test_identifiers_stay_whole_and_fall_into_words() -> None:
    assert list(terms("rpd on ge-0/0/0 of 21.4R3-S5")) == [
        "rpd", "on", "ge-0/0/0", "ge", "0", "0", "0", "of", "21.4r3-s5", "21", "4r3", "s5"]
    assert "cve-2024-21591" in set(terms("see CVE-2024-21591.")) and "kern-3-err" in set(terms("%KERN-3-ERR:"))


def test_words_are_stemmed_in_both_languages() -> None:
    assert term_of("crashes") == term_of("crashed") == term_of("crashing") == "crash"
    assert term_of("маршрутизаторы") == term_of("маршрутизаторов") == term_of("маршрутизатора")
    assert term_of("учёт") == term_of("учет")


def test_pieces_keep_order_for_phrases() -> None:
    assert list(pieces("Core dumped (signal 6)")) == ["core", "dump", "signal", "6"]
