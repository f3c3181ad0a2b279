"""Settings of "Was this helpful?": what is accepted, and one finding for each thing that is wrong."""

from __future__ import annotations

import pytest

from kb.feedback_settings import FeedbackSettings
from tests.kb.test_portal import portal_of

PORTAL = "name: Support\nvendor: Exemplar Networks\nurl: https://support.example.com/\n"


def of(written: str) -> tuple[FeedbackSettings | None, list[str]]:
    portal, found = portal_of(f"{PORTAL}feedback: {written}\n")
    return portal.feedback if portal else None, found


def test_off_without_settings() -> None:
    portal, found = portal_of(PORTAL)
    assert found == [] and portal and portal.feedback == FeedbackSettings("", "")


@pytest.mark.parametrize(("written", "settings"), [
    ("{mail: docs@example.com}", FeedbackSettings("mail", "docs@example.com")),
    ('{page: "https://forms.example.com:8443/portal"}', FeedbackSettings("page", "https://forms.example.com:8443/portal")),
    ("{endpoint: /answers}", FeedbackSettings("endpoint", "/answers")),
])
def test_three_ways(written: str, settings: FeedbackSettings) -> None:
    assert of(written) == (settings, [])


NO_ADDRESS = "is neither an https address nor a path of this host; write https://host/path or /path"


@pytest.mark.parametrize(("written", "message"), [
    ("{}", "feedback.mail: is missing, and so are page and endpoint; tell one of them where answers go, or remove feedback"),
    ("{mail: docs}", "feedback.mail: 'docs' is no e-mail address; write name@host"),
    ("{mail: 'a@example.com?bcc=b@example.com'}", "feedback.mail: 'a@example.com?bcc=b@example.com' is no e-mail address; write name@host"),
    ("{page: 'http://forms.example.com/x'}", f"feedback.page: 'http://forms.example.com/x' {NO_ADDRESS}"),
    ("{page: 'https://forms.example.com/x?form=3'}", f"feedback.page: 'https://forms.example.com/x?form=3' {NO_ADDRESS}"),
    ("{endpoint: 'https://a.example;script-src/x'}", f"feedback.endpoint: 'https://a.example;script-src/x' {NO_ADDRESS}"),
    ("{endpoint: 'javascript:alert(1)'}", f"feedback.endpoint: 'javascript:alert(1)' {NO_ADDRESS}"),
    ("{endpoint: '//evil.example/x'}", f"feedback.endpoint: '//evil.example/x' {NO_ADDRESS}"),
    ("{endpoint: 'https://user:secret@a.example/x'}",
     "feedback.endpoint: holds a name or password, which every reader could see; remove it: a receiver of answers takes them from anybody"),
    ("{mail: docs@example.com, endpoint: /x}", "feedback.endpoint: stands beside mail; keep one: answers go to one place"),
    ("{endpoint: /x, form: y}", "feedback.form: is not a known field; known fields: mail, page, endpoint"),
    ("docs@example.com", "feedback: is not a mapping; write 'field: value' pairs"),
])
def test_what_is_wrong(written: str, message: str) -> None:
    assert of(written) == (None, [f"portal.yml:4: {message}"])
