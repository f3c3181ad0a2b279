"""User-interface texts, dates and numbers in the portal's languages: gettext catalogues (Babel) in ``theme/locale``."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from generator.memory import Memory

SOURCE_LANGUAGE = "en"


@cache
def ui_languages() -> tuple[str, ...]:
    """Languages that have complete user-interface texts."""
    found = (entry.name for entry in files("theme").joinpath("locale").iterdir() if entry.joinpath("waypost.po").is_file())
    return (SOURCE_LANGUAGE, *sorted(found))


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English needs none."""
    source = files("theme").joinpath("locale", language, "waypost.po")
    if language == SOURCE_LANGUAGE or not source.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def catalogue_bytes(language: str) -> bytes:
    """What the texts of a language depend on, for page keys."""
    source = files("theme").joinpath("locale", language, "waypost.po")
    return source.read_bytes() if source.is_file() else b""


class Speaker:
    """Says things in one language: texts, days, moments, numbers, names of languages."""

    def __init__(self, language: str, timezone: str = "UTC") -> None:
        self.language, self._catalogue, self._zone = language, translations(language), ZoneInfo(timezone)
        self._locale = Locale.parse(language, sep="-")
        self._numbers: Memory[int, str] = Memory()
        self._days: Memory[date, str] = Memory()

    def text(self, message: str, **values: object) -> str:
        """The message in this language with its ``{named}`` values put in."""
        translated = self._catalogue.gettext(message)
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, count: int) -> str:
        """``{count}`` things, in the right plural form."""
        return self._catalogue.ngettext(one, many, count).format(count=self.number(count))

    def number(self, value: int) -> str:
        return self._numbers.get(value) or self._numbers.keep(value, str(format_decimal(value, locale=self._locale)))

    def duration(self, count: int, unit: str) -> str:
        """``90 days``; ``unit`` is minute, hour, day, week or month."""
        return str(format_unit(count, f"duration-{unit}", "long", locale=self._locale))

    def day(self, value: date | datetime) -> str:
        """A day written out: 22 November 2026, 22 ноября 2026 г."""
        day = value.astimezone(self._zone).date() if isinstance(value, datetime) else value
        pattern = "d MMMM y" if self.language == "en" else "long"
        return self._days.get(day) or self._days.keep(day, str(format_date(day, pattern, locale=self._locale)))

    def month(self, text: str, with_year: bool = True) -> str:
        """A month such as ``2026-06`` written out: June 2026, июнь 2026."""
        day = date.fromisoformat(f"{text}-01")
        return str(format_date(day, "LLLL y" if with_year else "LLLL", locale=self._locale))

    def moment(self, value: datetime) -> str:
        """A moment written out with its zone."""
        pattern = "d MMMM y, HH:mm" if self.language == "en" else "d MMMM y 'г'., HH:mm" if self.language == "ru" else "long"
        local = value.astimezone(self._zone)
        return f"{format_datetime(local, pattern, locale=self._locale)} {local.tzname()}"

    def both(self, items: tuple[str, ...]) -> str:
        """``A, B and C``."""
        if len(items) < 2:
            return "".join(items)
        return self.text("{first} and {last}", first=", ".join(items[:-1]), last=items[-1])

    def language_name(self, language: str) -> str:
        """A language's name in this language."""
        try:
            return Locale.parse(language, sep="-").get_language_name(self.language) or language
        except (ValueError, UnknownLocaleError):
            return language


def own_name(language: str) -> str:
    """A language's name in itself, capitalised: Русский."""
    try:
        name = Locale.parse(language, sep="-").get_language_name() or language
    except (ValueError, UnknownLocaleError):
        name = language
    return name[:1].upper() + name[1:]


def day_of(value: datetime) -> date:
    """The UTC day of a moment."""
    return value.astimezone(UTC).date()
