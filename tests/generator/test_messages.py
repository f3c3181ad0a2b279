"""Interface texts: the catalogues are complete and in step, dates, numbers and plurals are right in both languages."""

from __future__ import annotations

import io
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from selectolax.lexbor import LexborHTMLParser

from generator import messages
from generator.i18n import Speaker, day_of, own_name, ui_languages
from generator.messages import Message, used_messages
from tests.generator.support import build_site, page, pages_of, write, write_site

OTHERS = [language for language in ui_languages() if language != "en"]
NUMBERS = [0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 112, 1000, 1001, 1002, 12345]


def read(language: str) -> Catalog:
    data = files("theme").joinpath("locale", language, "waypost.po").read_bytes()
    return read_po(io.BytesIO(data), locale=language, abort_invalid=True)


@pytest.fixture(scope="module", params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read(request.param)


@pytest.fixture(scope="module")
def used() -> set[Message]:
    return set(used_messages())


def test_russian_is_there() -> None:
    assert ui_languages() == ("en", "ru")


def test_every_text_has_a_translation(catalogue: Catalog, used: set[Message]) -> None:
    missing = [message for message in used if not (found := catalogue.get(first(message))) or not all_forms(found.string)]
    assert missing == []
    assert len(used) > 200


def first(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def all_forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """The forms of a translation, or nothing where one is empty."""
    forms = [text] if isinstance(text, str) else list(text)
    return forms if all(forms) else []


def test_no_translation_is_left_over_or_uncertain(catalogue: Catalog, used: set[Message]) -> None:
    known = {first(message) for message in used}
    assert [message.id for message in catalogue if message.id and first(message.id) not in known] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert not catalogue.obsolete


def test_singular_and_plural_are_the_ones_in_use(catalogue: Catalog, used: set[Message]) -> None:
    for message in used:
        found = catalogue.get(first(message))
        assert found
        assert found.id == message, "a plural has all its forms, a plain text none"


def placeholders(text: str) -> list[str]:
    """Names of ``{name}`` and ``%(name)s`` in a text."""
    named = [field for _text, field, _spec, _conversion in string.Formatter().parse(text) if field is not None]
    return sorted(named + re.findall(r"%\((\w+)\)s", text))


def test_placeholders_are_those_of_the_source(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            for form in all_forms(message.string):
                assert placeholders(form) == placeholders(first(message.id)), message.id


def test_all_plural_forms_are_there(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id and message.pluralizable:
            assert len(message.string) == catalogue.num_plurals


def test_translations_keep_the_marks_at_their_ends(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            source = first(message.id)
            for form in all_forms(message.string):
                assert form == form.strip(), message.id
                for mark in (":", ".", "?"):
                    assert form.endswith(mark) == source.endswith(mark), f"{source} / {form}"


def test_russian_texts_follow_the_house_rules() -> None:
    """Guillemets, a no-break space before a dash, and ``ё`` only where the word would be misread without it."""
    for message in read("ru"):
        for form in all_forms(message.string) if message.id else []:
            assert '"' not in form, form
            assert not re.search(r"[“”]", form), form
            assert not re.search(r"(?<!\u00a0)—", form), form
            assert not re.search(r"[а-яё][A-Za-z]|[A-Za-z][а-яё]", form), f"mixed alphabets: {form}"


def test_no_latin_letter_hides_in_a_russian_word() -> None:
    looks_alike = "aceopxyABCEHKMOPTX"
    for message in read("ru"):
        for form in all_forms(message.string) if message.id else []:
            for word in re.findall(r"\w+", form):
                assert not (re.search(r"[а-яА-Я]", word) and re.search(f"[{looks_alike}]", word)), form


def test_update_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``make messages`` has been run: writing the catalogue anew gives the same file."""
    source = files("theme").joinpath("locale", "ru", "waypost.po").read_bytes()
    package = tmp_path / "theme"
    target = package / "locale" / "ru" / "waypost.po"
    target.parent.mkdir(parents=True)
    target.write_bytes(source)
    (package / "templates").symlink_to(str(files("theme").joinpath("templates")))
    monkeypatch.setattr(messages, "files", lambda name: package if name == "theme" else files(name))
    assert messages.update("ru")[1] == 0
    assert target.read_bytes() == source


def test_update_marks_what_has_no_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "theme"
    (package / "templates").mkdir(parents=True)
    (package / "templates" / "x.html").write_text("{{ _('A new text') }}", encoding="utf-8")
    monkeypatch.setattr(messages, "files", lambda name: package if name == "theme" else files(name))
    total, untranslated = messages.update("ru")
    assert total == untranslated > 100
    assert 'msgid "A new text"\nmsgstr ""\n' in (package / "locale/ru/waypost.po").read_text(encoding="utf-8")


# -- what a speaker says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "expected"), [
    ("en", ["0 records", "1 record", "2 records", "4 records", "5 records", "11 records", "12 records", "14 records",
            "21 records", "22 records", "25 records", "101 records", "111 records", "112 records", "1,000 records",
            "1,001 records", "1,002 records", "12,345 records"]),
    ("ru", ["0 записей", "1 запись", "2 записи", "4 записи", "5 записей", "11 записей", "12 записей", "14 записей", "21 запись",
            "22 записи", "25 записей", "101 запись", "111 записей", "112 записей", "1\u00a0000 записей", "1\u00a0001 запись",
            "1\u00a0002 записи", "12\u00a0345 записей"]),
])
def test_plurals(language: str, expected: list[str]) -> None:
    speaker = Speaker(language)
    assert [speaker.plural("{count} record", "{count} records", number) for number in NUMBERS] == expected


@pytest.mark.parametrize(("language", "expected"), [("en", "22 November 2026"), ("ru", "22 ноября 2026\u202fг.")])
def test_days(language: str, expected: str) -> None:
    assert Speaker(language).day(date(2026, 11, 22)).replace("\u00a0", "\u202f").replace(" г", "\u202fг") == expected


def test_a_moment_has_the_day_of_the_portals_zone() -> None:
    evening = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert Speaker("en", "Asia/Tokyo").day(evening) == "23 November 2026"
    assert Speaker("en", "America/New_York").day(evening) == "22 November 2026"
    assert day_of(evening.astimezone()) == date(2026, 11, 22)


@pytest.mark.parametrize(("language", "zone", "expected"), [
    ("en", "UTC", "1 July 2026, 16:05 UTC"), ("en", "Europe/London", "1 July 2026, 17:05 BST"),
    ("ru", "Europe/Moscow", "1 июля 2026 г., 19:05 MSK"),
])
def test_moments_name_their_zone(language: str, zone: str, expected: str) -> None:
    assert Speaker(language, zone).moment(datetime(2026, 7, 1, 16, 5, tzinfo=UTC)) == expected


@pytest.mark.parametrize(("language", "items", "expected"), [
    ("en", (), ""), ("en", ("A",), "A"), ("en", ("A", "B"), "A and B"), ("en", ("A", "B", "C"), "A, B and C"),
    ("ru", ("А", "Б", "В"), "А, Б и В"),
])
def test_lists(language: str, items: tuple[str, ...], expected: str) -> None:
    assert Speaker(language).both(items) == expected


def test_names_of_languages() -> None:
    assert [own_name(language) for language in ("en", "ru", "de", "pt-BR", "xx")] == [
        "English", "Русский", "Deutsch", "Português", "Xx"]
    assert Speaker("ru").language_name("en") == "английский"
    assert Speaker("en").language_name("es") == "Spanish"


# -- a portal without a word of English --------------------------------------------------------------------------------

RUSSIAN: dict[str, str | None] = {
    "portal.yml": "name: Поддержка\nvendor: Ящики\nurl: https://support.example.com/\nlanguages: [ru]\nsummary: Все о ящиках.\n",
    "products.yml": "products:\n  - id: box\n    name: Ящик\n    scheme: dotted\n    platforms: [{id: bx1, name: Первый}]\n"
                    "    components: [{id: web, name: Сеть}]\n    releases: [{id: 1.0.0, date: 2026-01-10}, {id: 1.0.1}]\n",
    "articles/KB10001.ru.md": None, "redirects.yml": "/old: KB10001\n",
    "mkdocs.yml": None, "pages/index.md": "# Поддержка\n\nТекст.\n", "pages/help/index.md": "# Помощь\n\nТекст.\n",
}
ALLOWED = re.compile(r"https://support\.example\.com/\S*|\b(?:Atom|CSAF|CSV|CVE|CVSS|JSON(?: Feed)?|OPML|OSV|RSS|SHA-256|gzip|TLP|WHITE|JavaScript|RU|KB\d+|S[AN]-\d+-\d+|TB-\d+-\d+)\b")


def words_of(parsed: LexborHTMLParser) -> Iterator[str]:
    """All that a page says: text, and attributes that are read out or shown."""
    for node in parsed.css("script, style, code, template"):
        node.decompose()
    yield parsed.body.text(separator="\n") if parsed.body else ""
    for name in ("title", "aria-label", "placeholder", "alt", "content"):
        for node in parsed.css(f"body [{name}]"):
            yield node.attributes[name] or ""
    yield parsed.css_first("title").text()
    yield parsed.css_first("meta[name=description]").attributes["content"] or ""


def test_a_russian_portal_says_nothing_in_english(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", RUSSIAN)
    for file in root.glob("*/*.md"):
        if file.parent.name in {"articles", "reports", "advisories", "notices", "bulletins"}:
            head, _body = file.read_text(encoding="utf-8").split("---\n\n")
            head = re.sub(r"^(title|summary): .*", r"\1: Слова", head, flags=re.MULTILINE)
            head = head.replace("First publication.", "Первая.")
            write(root, str(file.relative_to(root)), f"{head}---\n\n## Решение\n\nСлова.\n")
    build_site(root, tmp_path / "out")
    pages = pages_of(tmp_path / "out")
    assert len(pages) > 30
    for path in pages:
        parsed = page(tmp_path / "out", path)
        assert parsed.css_first("html").attributes["lang"] == "ru"
        for text in words_of(parsed):
            assert not re.findall(r"[A-Za-z]{2,}", ALLOWED.sub("", text)), f"{path}: {text[:200]}"
