"""Notices to subscribers: each change reaches each who asked for it, once, whatever fails."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.notify import delivery, hooks
from generator.notify.run import NotifyFailed
from generator.notify.state import StateError, opened
from generator.record_lists import INDEX, Change, Listed
from tests.generator.notify_support import NOW, Mailbox, Receiver, listed, publish, run, serving, subscribed
from tests.generator.support import article, build_site, edit, write, write_site

ALL = {"mail": "noc@example.org", "topics": "all"}


def begin(folder: Path, *entries: dict[str, object], records: tuple[Listed, ...] = (listed("1001"), listed("1002"))) -> None:
    """A portal whose records are known to the state."""
    publish(folder / "portal", records)
    subscribed(folder / "subscribers.yml", *entries)
    run(folder, dict.fromkeys(("WAYPOST_SMTP_HOST", "WAYPOST_SMTP_FROM"), "a@example.org"))


def part(mail: Message, kind: str = "plain") -> str:
    assert isinstance(mail, EmailMessage)
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_first_run_floods_nobody(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    with serving(box := Mailbox()) as variables:
        summary = run(tmp_path, variables)
    assert (summary.first, summary.messages, box.taken) == (False, 0, [])


def test_the_first_run_tells_of_what_is_since_a_day(tmp_path: Path) -> None:
    publish(tmp_path / "portal", [listed("1001"), listed("1002", NOW - timedelta(days=1)), listed("1003", published=NOW, updated=NOW)])
    subscribed(tmp_path / "subscribers.yml", ALL)
    with serving(box := Mailbox()) as variables:
        assert run(tmp_path, variables, since=NOW - timedelta(days=2)).delivered.sent == 1
        text = part(box.mails()[0])
        assert text.index("New\n===") < text.index("1003") < text.index("Updates\n====") < text.index("1002")
        assert "1001" not in text
        assert run(tmp_path, variables, since=NOW - timedelta(days=90)).messages == 0


def test_a_change_is_told_once(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    changed = listed("1001", NOW, status="fixed", change=Change(NOW, "Fixed in 1.1.0."))
    publish(tmp_path / "portal", [changed, listed("1002"), listed("1003", NOW, severity="")])
    with serving(box := Mailbox()) as variables:
        first, second = run(tmp_path, variables), run(tmp_path, variables)
    assert (first.new, first.updates, first.delivered.sent, second.messages) == (1, 1, 1, 0)
    mail = box.mails()[0]
    assert mail["Subject"] == "Box Support: 2 changes"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = part(mail)
    assert "Status: Open → Fixed\n" in text
    assert "Fixed in 1.1.0.\nhttps://support.example.com/pr/1001/\n" in text
    assert "1002" not in text


def test_a_corrected_word_is_told_to_nobody(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    publish(tmp_path / "portal", [listed("1001", titles={"en": "A title"}, digest="1"), listed("1002")])
    with serving(Mailbox()) as variables:
        assert run(tmp_path, variables).messages == 0


def test_each_reads_in_the_own_language(tmp_path: Path) -> None:
    begin(tmp_path, ALL, {"mail": "ru@example.org", "language": "ru", "topics": "all"})
    new = listed("1003", NOW, published=NOW, titles={"en": "It hums", "ru": "Гудит"}, summaries={"en": "Loud.", "ru": "Громко."})
    publish(tmp_path / "portal", [listed("1001"), listed("1002"), new])
    with serving(box := Mailbox()) as variables:
        run(tmp_path, variables)
    english, russian = sorted(box.mails(), key=lambda mail: str(mail["To"]))
    assert english["Subject"] == "Box Support: New: 1003 [High] It hums"
    assert russian["Subject"] == "Поддержка Box: Новое: 1003 [Высокая] Гудит"
    text = part(russian)
    assert "Отчет о проблеме 1003: Гудит\nГромко.\nСерьезность: Высокая\n" in text
    assert "Опубликовано: 22 ноября 2026\u202fг." in text.replace("\u00a0", "\u202f")
    assert "https://support.example.com/ru/pr/1003/" in text
    html = part(russian, "html")
    assert '<html lang="ru">' in html
    assert "БоксОС" in html


def test_urgent_bulletins_go_out_alone(tmp_path: Path) -> None:
    begin(tmp_path, ALL | {"immediate": "critical"})
    news = [listed("SA-1", NOW, "advisory", severity="critical"), listed("SA-2", NOW, "notice", severity="critical"),
            listed("SA-3", NOW, "advisory", severity="high"), listed("1003", NOW, severity="critical")]
    publish(tmp_path / "portal", [listed("1001"), listed("1002"), *news])
    with serving(box := Mailbox()) as variables:
        assert run(tmp_path, variables).delivered.sent == 3
    assert sorted(str(mail["Subject"]) for mail in box.mails()) == [
        "Box Support: 2 changes", "Box Support: New: SA-1 [Critical] Title of SA-1", "Box Support: New: SA-2 [Critical] Title of SA-2"]


HOSTILE = 'A\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script> & "b" {{ 7*7 }} =?utf-8?q?x?= \x85\u2028\x00 %s {title}'


def test_nothing_in_a_record_becomes_a_header_or_markup(tmp_path: Path) -> None:
    begin(tmp_path, ALL, *({"webhook": f"https://example.org/{form}", "form": form, "topics": "all"} for form in ("slack", "teams")))
    text = {"en": HOSTILE + "\n.\nQUIT"}
    publish(tmp_path / "portal", [listed("1001"), listed("1002"), listed(
        "1003", NOW, titles=text, summaries=text, change=Change(NOW, "<!channel> [x](https://evil.example)"))])
    run(tmp_path, dry_run=tmp_path / "dry", unsubscribe="https://support.example.com/" + "long/" * 60 + "?a={address}")
    data = next((tmp_path / "dry").glob("*.eml")).read_bytes()
    mail = message_from_bytes(data, policy=policy.default)
    assert {name.lower() for name in mail} == {
        "list-unsubscribe", "list-unsubscribe-post", "from", "to", "subject", "date", "message-id", "auto-submitted",
        "content-language", "mime-version", "content-type"}
    assert mail["List-Unsubscribe"] == f"<https://support.example.com/{'long/' * 60}?a=noc%40example.org>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(len(line) < 998 for line in data.split(b"\r\n")) and b"\n" not in data.replace(b"\r\n", b"")
    html = part(mail, "html")
    assert "<script" not in html and "{{ 7*7 }}" in html
    assert not re.search(r"(src|url\(|@import|<link)", html)
    slack, teams = (next(file.read_text() for file in (tmp_path / "dry").glob("*.json") if word in file.read_text())
                    for word in ("mrkdwn", "AdaptiveCard"))
    assert "<script" not in slack and "<!channel" not in slack and "&lt;script&gt;" in slack
    assert "[x](" not in teams


def test_the_same_message_is_the_same_bytes(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    for name in ("a", "b"):
        run(tmp_path, dry_run=tmp_path / name)
    one, other = (next((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert one.name == other.name and one.read_bytes() == other.read_bytes()
    with serving(box := Mailbox()) as variables:
        run(tmp_path, variables)
    assert len(box.taken) == 1, "a dry run changes nothing"


# -- failures -----------------------------------------------------------------------------------------


def answers(plan: dict[tuple[str, str], list[str]]) -> Mailbox:
    """A mailbox that gives these answers, one after the other, for (stage, recipient)."""

    def answer(stage: str, to: str, number: int) -> str:
        said = plan.get((stage, to), [])
        return said[number - 1] if number <= len(said) else ""

    return Mailbox(answer)


def people(count: int) -> list[dict[str, object]]:
    return [{"mail": f"noc{number}@example.org", "topics": "all"} for number in range(count)]


def test_an_address_that_fails_keeps_nobody_back(tmp_path: Path) -> None:
    begin(tmp_path, *people(20))
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    box = answers({
        ("rcpt", "noc1@example.org"): ["550 <noc1@example.org> is unknown"] * 9, ("rcpt", "noc2@example.org"): ["451 Later"],
        ("data", "noc3@example.org"): ["452 Full"] * 3, ("rcpt", "noc4@example.org"): ["cut"],
        ("data", "noc5@example.org"): ["cut"], ("done", "noc6@example.org"): ["cut"], ("data", "noc7@example.org"): ["554 No"]})
    with serving(box) as variables:
        summary = run(tmp_path, variables, connections=2)
        assert {trouble.letter.subscriber.address: (trouble.state, trouble.permanent) for trouble in summary.delivered.troubles} == {
            "noc1@example.org": ("waiting", True), "noc3@example.org": ("waiting", False), "noc7@example.org": ("waiting", True),
            "noc5@example.org": ("doubtful", False), "noc6@example.org": ("doubtful", False)}
        assert summary.delivered.sent == 15 and not summary.is_fine
        assert all("noc1" not in trouble.reason for trouble in summary.delivered.troubles)
        assert len(box.sessions) < 12, "connections are used again"
        again = run(tmp_path, variables)
    assert {trouble.letter.subscriber.address for trouble in again.delivered.troubles} == {"noc1@example.org"}
    everybody = [to for to, _data in box.taken]
    assert len(everybody) == len(set(everybody)) == 18, "noc1 is unknown, noc5 in doubt; noc6 got it once"


def test_who_is_refused_time_and_again_is_given_up(tmp_path: Path) -> None:
    begin(tmp_path, *people(2))
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    with serving(answers({("rcpt", "noc1@example.org"): ["550 No"] * 99})) as variables:
        states = [[trouble.state for trouble in run(tmp_path, variables).delivered.troubles] for _ in range(4)]
    assert states == [["waiting"], ["waiting"], ["refused"], []]
    assert delivery.MOST_REFUSALS == 3


def test_without_a_mail_server_all_waits_and_hooks_go_on(tmp_path: Path) -> None:
    receiver = Receiver()
    with receiver.serving() as address, serving(box := Mailbox()) as variables:
        begin(tmp_path, *people(5), {"webhook": f"{address}/x", "topics": "all"})
        publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
        summary = run(tmp_path, variables | {"WAYPOST_SMTP_PORT": "9"})
        assert (summary.delivered.sent, [trouble.state for trouble in summary.delivered.troubles]) == (1, ["waiting"] * 5)
        assert run(tmp_path, variables).delivered.sent == 5
    assert (len(box.taken), len(receiver.taken)) == (5, 1)


def test_hooks_that_fail_are_tried_again_unless_they_may_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks.post, "__defaults__", (0.3,))
    plan = {"/busy": [503, 429], "/gone": [410, 410], "/cut": [0], "/silent": [-1], "/moved": [302, 302]}
    receiver = Receiver(lambda path, number: plan[path][number - 1] if number <= len(plan.get(path, ())) else 200)
    with receiver.serving() as address:
        begin(tmp_path, *({"webhook": address + path, "topics": "all"} for path in (*plan, "/fine")))
        publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
        summary = run(tmp_path)
        assert {trouble.letter.subscriber.address.removeprefix(address): (trouble.state, trouble.permanent)
                for trouble in summary.delivered.troubles} == {
            "/gone": ("waiting", True), "/moved": ("waiting", True), "/cut": ("doubtful", False), "/silent": ("doubtful", False)}
        assert all("noc" not in trouble.reason for trouble in summary.delivered.troubles)
        assert sorted(path for path, _key, _body in receiver.taken) == ["/busy", "/fine"]
        run(tmp_path, resend=True)
        run(tmp_path, resend=True)
    taken = [path for path, _key, _body in receiver.taken]
    assert sorted(taken) == ["/busy", "/cut", "/fine", "/gone", "/moved", "/silent"]
    assert len({key for _path, key, _body in receiver.taken}) == len(taken)
    body = json.loads(receiver.taken[0][2])
    assert {"format", "id", "at", "language", "portal", "subject", "changes"} == body.keys()
    assert body["changes"][0]["before"] == {"status": "open", "severity": "high"}


# -- kills --------------------------------------------------------------------------------------------


def killed_run(folder: Path, variables: dict[str, str], is_time: Callable[[], bool], pause: float) -> bool:
    """A run in a process of its own, killed some time after a moment; whether that came before its end."""
    child = os.fork()
    if not child:
        try:
            run(folder, variables, connections=3)
        finally:
            os._exit(0)
    while not is_time():
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(0.0005)
    time.sleep(pause)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_time_a_run_tells_nobody_twice_and_loses_nothing_unseen(tmp_path: Path, seed: int) -> None:
    chance, receiver, kills, doubtful = random.Random(seed), Receiver(), 0, 0
    with receiver.serving() as address, serving(box := Mailbox()) as variables:
        entries = [*people(40), *({"webhook": f"{address}/{number}", "topics": "all"} for number in range(20))]
        begin(tmp_path, *entries)
        records = [listed("1001"), listed("1002")]
        for day in range(1, 4):
            records = [listed("1001", NOW + timedelta(days=day)), *records[1:], listed(f"20{day:02}", NOW + timedelta(days=day))]
            publish(tmp_path / "portal", records)
            for _ in range(4):
                before = len(box.taken) + len(receiver.taken)
                more = chance.choice((0, 0, 1, 5, 20))
                kills += killed_run(tmp_path, variables, lambda: len(box.taken) + len(receiver.taken) >= before + more,  # noqa: B023
                                    chance.random() * (0.05 if more else 0.2))
            summary = run(tmp_path, variables)
            assert [trouble.reason for trouble in summary.delivered.troubles] == []
    with opened(tmp_path / "state") as state:
        doubtful, sent, waiting = state.count("doubtful"), state.count("sent"), state.count("waiting")
    names = [str(mail["Message-ID"]).split("@")[0].strip("<") for mail in box.mails()] + [key for _path, key, _body in receiver.taken]
    assert len(names) == len(set(names)), "nothing arrives twice"
    told = [(to, record) for (to, _data), mail in zip(box.taken, box.mails(), strict=True) for record in re.findall(
        r"/pr/(\d+)/", part(mail))]
    assert all(told.count((to, "1001")) <= 3 for to, _ in told) and all(
        told.count((to, record)) == 1 for to, record in told if record != "1001")
    assert waiting == 0 and sent <= len(names) <= 3 * 60
    assert sent + doubtful == 3 * 60, "what did not arrive is known to be in doubt"
    assert doubtful <= 6 * kills, "one message a connection"
    assert kills >= 4


# -- state --------------------------------------------------------------------------------------------


def test_two_runs_do_not_work_at_once(tmp_path: Path) -> None:
    begin(tmp_path)
    with opened(tmp_path / "state"), pytest.raises(StateError, match=r"^another run is at work with .*; wait for it to end$"):
        run(tmp_path)


def test_a_portal_that_went_back_is_refused_and_told_of_once(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    old, new = [listed("1001"), listed("1002")], [listed("1001", NOW), listed("1002"), listed("1003", NOW)]
    with serving(box := Mailbox()) as variables:
        publish(tmp_path / "portal", new)
        run(tmp_path, variables)
        publish(tmp_path / "portal", old)
        with pytest.raises(NotifyFailed, match="the portal is older; publish the current portal, or give --allow-older"):
            run(tmp_path, variables)
        run(tmp_path, variables, allow_older=True)
        publish(tmp_path / "portal", new)
        assert run(tmp_path, variables).messages == 0
    assert len(box.taken) == 1


@pytest.mark.parametrize(("path", "data", "words"), [
    (INDEX, b"{", "records.json: is damaged; build and publish the portal again, then run this again"),
    (INDEX, b'{"format":1}', "records.json: is damaged"), (INDEX, None, "records.json: cannot be read (No such file or directory)"),
    ("api/v1/records/0.json", b"{}", "records/0.json: is not what records.json lists: damaged, or published only in part"),
])
def test_a_damaged_portal_is_a_finding(tmp_path: Path, path: str, data: bytes | None, words: str) -> None:
    begin(tmp_path, ALL)
    publish(tmp_path / "portal", [listed(str(number), NOW) for number in range(1001, 1009)])
    if data is None:
        (tmp_path / "portal" / path).unlink()
    else:
        (tmp_path / "portal" / path).write_bytes(data)
    with serving(box := Mailbox()) as variables, pytest.raises(NotifyFailed, match=re.escape(words)):
        run(tmp_path, variables)
    assert box.taken == []


def test_a_preview_is_refused(tmp_path: Path) -> None:
    publish(tmp_path / "portal", [listed("1001", status="draft")])
    subscribed(tmp_path / "subscribers.yml")
    with pytest.raises(NotifyFailed):
        run(tmp_path)


def test_a_damaged_state_is_told_of(tmp_path: Path) -> None:
    begin(tmp_path)
    for file in (tmp_path / "state").glob("state.sqlite*"):
        file.write_bytes(b"x" * 5000)
    with pytest.raises(StateError, match="restore it from a copy"):
        run(tmp_path)


def test_who_has_left_gets_nothing_that_waits(tmp_path: Path) -> None:
    begin(tmp_path, *people(2))
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    with serving(box := Mailbox()) as variables:
        run(tmp_path, variables | {"WAYPOST_SMTP_PORT": "9"})
        subscribed(tmp_path / "subscribers.yml", *people(1))
        assert run(tmp_path, variables).dropped == 1
        subscribed(tmp_path / "subscribers.yml", *people(2))
        run(tmp_path, variables)
    assert [to for to, _data in box.taken] == ["noc0@example.org"]


def test_the_state_names_nobody(tmp_path: Path) -> None:
    begin(tmp_path, ALL)
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    with serving(Mailbox()) as variables:
        run(tmp_path, variables)
    assert all(b"noc@" not in file.read_bytes() for file in (tmp_path / "state").iterdir())


@pytest.mark.slow
def test_many_subscribers(tmp_path: Path) -> None:
    begin(tmp_path, *people(2000))
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    with serving(box := Mailbox()) as variables:
        assert run(tmp_path, variables).delivered.sent == 2000
    assert len({to for to, _data in box.taken}) == len(box.taken) == 2000
    assert len(box.sessions) <= 24, "a hundred messages over each connection"


# -- from a built portal, by the command --------------------------------------------------------------


@pytest.mark.usefixtures("quick_shell")
def test_a_built_portal_is_told_of(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    build_site(root, tmp_path / "portal")
    subscribed(tmp_path / "subscribers.yml", {"webhook": "https://example.org/x", "topics": [{"products": ["BoxOS"]}]})
    options = ["notify", "--portal", str(tmp_path / "portal"), "--subscribers", str(tmp_path / "subscribers.yml"), "--state",
               str(tmp_path / "state")]
    first = CliRunner().invoke(main, options)
    assert (first.exit_code, first.stdout) == (
        0, "first run: what is published now is known; the next run tells what changes\n0 of 0 messages sent\n")
    edit(root, "reports/100001.md", "updated: 2026-02-10\n", "updated: 2026-03-01\n")
    edit(root, "reports/100001.md", "status: fixed", "status: open")
    write(root, "articles/KB10003.md", article("KB10003"))
    write(root, "articles/KB10004.md", article("KB10004", status="draft"))
    build_site(root, tmp_path / "portal")
    second = CliRunner().invoke(main, [*options, "--dry-run", str(tmp_path / "dry"), "--json"])
    assert second.exit_code == 0, second.output
    assert {name: json.loads(second.stdout)[name] for name in ("new", "updates", "messages", "findings")} == {
        "new": 1, "updates": 1, "messages": 1, "findings": []}
    changes = json.loads(next((tmp_path / "dry").iterdir()).read_text(encoding="utf-8"))["changes"]
    assert [(change["change"], change["id"], change["before"].get("status")) for change in changes] == [
        ("new", "KB10003", None), ("update", "100001", "fixed")]
    assert changes[1]["trains"] == {"box": ["1.0"]}


def test_reports_mask_addresses_and_secrets_stay_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tmp_path, ALL)
    publish(tmp_path / "portal", [listed("1001", NOW), listed("1002")])
    options = ["notify", "--portal", str(tmp_path / "portal"), "--subscribers", str(tmp_path / "subscribers.yml"), "--state",
               str(tmp_path / "state")]
    missing = CliRunner().invoke(main, options)
    assert missing.exit_code == 2 and "WAYPOST_SMTP_HOST is not set" in missing.output
    monkeypatch.setattr(delivery, "PAUSES", ())
    with serving(answers({("rcpt", "noc@example.org"): ["550 noc@example.org unknown"] * 9})) as variables:
        for extra, shown in (([], "n…@example.org"), (["--json"], "n…@example.org"), (["--verbose"], "noc@example.org")):
            found = CliRunner().invoke(main, [*options, *extra], env={**variables, "WAYPOST_SMTP_PASSWORD": "s3cret-word"})
            assert found.exit_code == 1
            assert shown in found.output and "s3cret" not in found.output
            assert ("noc@" in found.output) == (extra == ["--verbose"])
