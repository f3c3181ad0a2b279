""""Was this helpful?" on articles and problem reports. But for the record's id it is the same on all pages of a language."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from generator.contexts.pieces import Link
from generator.contexts.records import FeedbackForm
from generator.edition import Edition, _
from kb.feedback_settings import Way
from kb.records import AnyRecord

KINDS = {"article", "report"}
REASONS = {
    "solved": _("It solved my problem"), "missing": _("Something is missing"), "wrong": _("Something is wrong or out of date"),
    "unclear": _("It is hard to understand"), "elsewhere": _("It is not about my product or release"),
    "other": _("Another reason"),
}
_SENT: dict[Way, str] = {
    "mail": _("Your mail program opens with a letter to {receiver}. It holds your answer, the reason, the comment and the number "
              "of this record, and goes out when you send it, with your mail address."),
    "page": _("Opens a page of {receiver} and gives it your answer, the reason, the comment, the number of this record and "
              "its language, nothing else."),
    "endpoint": _("Goes to {receiver}: your answer, the reason, the comment, the number of this record and its language, nothing "
                  "else."),
}


def feedback_form(edition: Edition, record: AnyRecord) -> FeedbackForm | None:
    """The form of a record, where portal.yml says that readers are asked."""
    settings = edition.portal.feedback
    if not settings.way or record.kind not in KINDS:
        return None
    say, is_mail = edition.say, settings.way == "mail"
    receiver = settings.address if is_mail else urlsplit(settings.address).netloc or urlsplit(edition.portal.url).netloc
    return FeedbackForm(
        way=settings.way, action=f"mailto:{settings.address}" if is_mail else settings.address, record=record.id,
        sent=say(_SENT[settings.way], receiver=receiver), reasons=tuple((name, say(text)) for name, text in REASONS.items()),
        letters=tuple(_letter(edition, record, answer) for answer in (_("Yes"), _("No"))) if is_mail else ())


def _letter(edition: Edition, record: AnyRecord, answer: str) -> Link:
    """A letter with the answer as its subject (RFC 6068)."""
    subject = edition.say("{record} was helpful: {answer}", record=record.id, answer=edition.say(answer).lower())
    return Link(title=edition.say(answer), href=f"mailto:{edition.portal.feedback.address}?subject={quote(subject, safe='')}")
