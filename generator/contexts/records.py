"""What templates see of records."""

from __future__ import annotations

from generator.contexts.pieces import Banner, Chip, Context, Fact, Group, Link, PageContext, ReleaseChip, ReleaseRun


class AlikeRecord(Context, frozen=True, kw_only=True):
    """A record that is like the page's, and why. ``language`` is that of its title, set where it is not the page's."""

    id: str
    href: str
    title: str
    language: str
    kind_label: str
    reason: str


class Part(Context, frozen=True, kw_only=True):
    """A section of a record's text; an introduction has no title."""

    id: str
    title: str
    html: str


class TrainRow(Context, frozen=True, kw_only=True):
    """The known releases of one train by verdict; ``reason`` explains the affected ones. ``PLATFORMS`` may stand in reasons."""

    train: str
    affected: tuple[ReleaseRun, ...]
    fixed: tuple[ReleaseRun, ...]
    not_affected: tuple[ReleaseRun, ...]
    unknown: tuple[ReleaseRun, ...]
    reason: str = ""


class AffectedProduct(Context, frozen=True, kw_only=True):
    """How one product is affected: what the author wrote (``ranges``), and the answer for each known release, where
    ``platform_names`` stand for ``PLATFORMS``."""

    product: Link
    platforms: tuple[Link, ...]
    ranges: tuple[str, ...]
    fixed: tuple[ReleaseChip, ...]
    rows: tuple[TrainRow, ...]
    platform_names: str


class HistoryRow(Context, frozen=True, kw_only=True):
    date: str
    html: str
    number: str = ""


class MetricGroup(Context, frozen=True, kw_only=True):
    """CVSS metrics of a kind with their values in words."""

    title: str
    metrics: tuple[tuple[str, str], ...]


class ScoreView(Context, frozen=True, kw_only=True):
    """A CVSS score with each metric of its vector spelt out."""

    title: str
    score: str
    chip: Chip
    vector: str
    groups: tuple[MetricGroup, ...]


class FeedbackForm(Context, frozen=True, kw_only=True):
    """"Was this helpful?" of a record. ``way`` is mail, page or endpoint (kb.feedback_settings), ``action`` where the form leads,
    ``sent`` says what goes where. ``letters`` are two links for mail without scripts: helpful and not."""

    way: str
    action: str
    record: str
    sent: str
    reasons: tuple[tuple[str, str], ...]
    letters: tuple[Link, ...] = ()


class RecordPage(PageContext, frozen=True, kw_only=True):
    """One record of any kind. ``conditions`` say when a vulnerability matters, ``checker_html`` is the JSON that tells of each
    release whether it is affected (generator.pages.checker), ``machine`` are the record's files for programs, ``address`` is
    that of a bulletin with its host, for print."""

    id: str
    kind: str
    kind_label: str
    summary: str
    text_language: str
    language_note: str
    other_languages: tuple[Link, ...]
    banners: tuple[Banner, ...]
    chips: tuple[Chip, ...]
    facts: tuple[Fact, ...]
    scores: tuple[ScoreView, ...]
    affected: tuple[AffectedProduct, ...]
    affected_note: str
    affected_first: bool
    address: str
    conditions: Part | None
    checker_html: str
    introduction_html: str
    parts: tuple[Part, ...]
    keywords: tuple[str, ...]
    credits: tuple[str, ...]
    references: tuple[Link, ...]
    history_title: str
    history: tuple[HistoryRow, ...]
    machine: tuple[Link, ...]
    related: tuple[Group, ...]
    alike: tuple[AlikeRecord, ...]
    follow: Link
    feedback: FeedbackForm | None
