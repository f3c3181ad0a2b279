"""What templates see of the policy: pieces, of which the blocks in guides are made (``theme/templates/_policy.html``)."""

from __future__ import annotations

from generator.contexts.pieces import Context, Fact, Link


class Piece(Context, frozen=True, kw_only=True):
    """Base of all pieces; ``kind`` chooses how it looks."""

    kind: str


class Clock(Context, frozen=True, kw_only=True):
    """Working time: in words, its zone, and the calendar by which a script says whether it is open now."""

    calendar: str
    hours: str
    zone: str


class Cell(Context, frozen=True, kw_only=True):
    """A cell of a table or an item of a list. ``mark`` (yes, extra, no) says what ``text`` says, for scripts and colours."""

    text: str = ""
    note: str = ""
    mark: str = ""
    links: tuple[Link, ...] = ()
    clock: Clock | None = None


class TablePiece(Piece, frozen=True, kw_only=True):
    """A table whose first column heads its rows. With ``chooser``, a question, a script lets readers tick rows and tells which
    columns have all of them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    label: str
    chooser: str = ""


class ListPiece(Piece, frozen=True, kw_only=True):
    title: str
    items: tuple[Cell, ...]
    ordered: bool = False


class TextPiece(Piece, frozen=True, kw_only=True):
    """A paragraph, or with ``important`` a note that stands out."""

    text: str
    links: tuple[Link, ...] = ()
    important: bool = False


class LevelPiece(Piece, frozen=True, kw_only=True):
    """A priority level with the duties of both sides."""

    id: str
    name: str
    definition: str
    facts: tuple[Fact, ...]
    examples: tuple[str, ...]


class ContactPiece(Piece, frozen=True, kw_only=True):
    id: str
    name: str
    facts: tuple[Fact, ...]
    phones: tuple[Link, ...]
    email: str
    clock: Clock
    note: str
    handles: tuple[str, ...]


class FactsPiece(Piece, frozen=True, kw_only=True):
    facts: tuple[Fact, ...]


class DeadlinePiece(Piece, frozen=True, kw_only=True):
    """The calculator of deadlines. A choice is (id, name), with none where there is nothing to choose; ``kinds`` are names of
    what may be due."""

    levels: tuple[tuple[str, str], ...]
    plans: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    waiting: str
    unreachable: bool
    workaround: bool


class ReturnsPiece(Piece, frozen=True, kw_only=True):
    """The calculator of the dates of a return."""

    regions: tuple[tuple[str, str], ...]
    has_arrival: bool

