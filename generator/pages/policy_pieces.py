"""How blocks of the policy say things in the language of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from generator.contexts.pieces import Link
from generator.contexts.policy import Cell, Clock, ListPiece, TablePiece, TextPiece
from generator.edition import Edition
from generator.policy_words import duration_text, week_text
from kb.policy import Policy
from kb.policy_levels import Phone
from kb.policy_values import Duration, Phrase


class Telling:
    """The policy as readers of one language see it; ``places`` are the addresses of the guides that show blocks."""

    def __init__(self, edition: Edition, places: Mapping[str, str]) -> None:
        assert edition.library.policy
        self.policy: Policy = edition.library.policy
        self.edition, self.speaker, self.say, self._places = edition, edition.speaker, edition.say, places

    def text(self, phrase: Phrase) -> str:
        return phrase.text_in(self.edition.language)

    def texts(self, phrases: Iterable[Phrase]) -> tuple[str, ...]:
        return tuple(map(self.text, phrases))

    def duration(self, duration: Duration) -> str:
        return duration_text(self.speaker, duration)

    def paragraph(self, phrase: Phrase, important: bool = False) -> TextPiece | None:
        return TextPiece(kind="text", text=self.text(phrase), important=important) if phrase else None

    def clock(self, calendar_id: str) -> Clock:
        calendar = self.policy.calendar(calendar_id)
        zone = "" if calendar.around_the_clock else calendar.zone
        return Clock(calendar=calendar.id, hours=week_text(self.speaker, calendar), zone=zone)

    def clock_cell(self, calendar_id: str) -> Cell:
        return Cell(clock=self.clock(calendar_id))

    def yes(self, value: bool) -> Cell:
        return Cell(text=self.say("Yes") if value else "–", mark="yes" if value else "no")

    def phones(self, phones: Iterable[Phone]) -> tuple[Link, ...]:
        """Numbers as links that dial them; ``id`` is what they are called."""
        return tuple(Link(title=phone.number, href=phone.uri, id=self._label(phone)) for phone in phones)

    def _label(self, phone: Phone) -> str:
        return self.text(phone.label) or (self.say("free of charge") if phone.toll_free else "")

    def to(self, block: str, title: str) -> Link | None:
        """A link to a block, where a page shows it."""
        place = self._places.get(block)
        return Link(title=title, href=f"{self.edition.href(place)}#policy-{block}") if place else None


def cell(text: str, note: str = "") -> Cell:
    return Cell(text=text, note=note)


def table(tell: Telling, label: str, columns: Sequence[str], rows: Sequence[tuple[Cell, ...]],
          chooser: str = "") -> TablePiece | None:
    """A table, if it has rows, without the columns that are empty."""
    kept = [number for number in range(len(columns)) if number == 0 or any(row[number] != Cell() for row in rows)]
    if not rows:
        return None
    return TablePiece(kind="table", label=label, columns=tuple(columns[number] for number in kept),
                      rows=tuple(tuple(row[number] for number in kept) for row in rows), chooser=chooser)


def items(title: str, texts: Iterable[str], ordered: bool = False) -> ListPiece | None:
    """A list, if it has items."""
    cells = tuple(cell(text) for text in texts)
    return ListPiece(kind="list", title=title, items=cells, ordered=ordered) if cells else None
