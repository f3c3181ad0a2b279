"""The preview: shows drafts as such, reloads what changed, survives mistakes."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from watchfiles import Change

from generator.build import Options, Summary, build
from generator.serve import ServeError, _SourceFilter, serve
from tests.generator.support import article, edit, report, write, write_site

PATIENCE = 60  # seconds until a preview that does not react counts as broken


class Preview:
    """A preview in a thread, and what a browser would see of it."""

    def __init__(self, root: Path, cache: Path, audience: str = "") -> None:
        self.root, self.said, self._stop = root, list[str](), threading.Event()
        arguments = (root, "127.0.0.1", 0, audience, cache, self.said.append, self._stop)
        self._thread = threading.Thread(target=serve, args=arguments)
        self._thread.start()
        self.url = urlsplit(wait(lambda: next((text.split()[0] for text in self.said if text.startswith("http://")), "")))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def get(self, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
        """Status, body and headers of an answer; the path goes out as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.url.port or 0, timeout=PATIENCE)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", errors="replace"), dict(answer.getheaders())
        finally:
            connection.close()

    def status(self) -> tuple[int, list[str]]:
        told = json.loads(self.get("/__waypost/status")[1])
        return told["version"], told["findings"]

    def change(self, path: str, text: str, until: Callable[[], bool]) -> None:
        """Writes a file and waits for what it leads to; writes it again should the preview have begun to watch only now."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            write(self.root, path, text)
            again = time.monotonic() + 5
            while time.monotonic() < again:
                if until():
                    return
                time.sleep(0.05)
        raise AssertionError(f"the preview took no notice of {path}: {self.said}")


def wait(look: Callable[[], str]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("nothing happened")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site")
    write(root, "articles/KB10003.md", article("KB10003", status="draft", title="A draft"))
    write(root, "reports/200001.md", report("200001", publish_at="2999-01-01T00:00:00Z"))
    write(root, "reports/200002.md", report("200002", audience="internal"))
    return root


@pytest.fixture
def preview(root: Path, tmp_path: Path, quick_shell: None) -> Iterator[Preview]:
    found = Preview(root, tmp_path / "cache")
    yield found
    found.close()


def test_pages_come_with_the_reload_script(preview: Preview) -> None:
    code, html, headers = preview.get("/kb/KB10001/")
    assert code == 200
    assert html.count('<script src="/__waypost/reload.js"></script></body>') == 1
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/html; charset=utf-8", "no-store")
    code, script, headers = preview.get("/__waypost/reload.js")
    assert (code, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "location.reload()" in script
    assert preview.status() == (1, [])


def test_other_files_are_served_as_they_are(preview: Preview) -> None:
    code, text, headers = preview.get("/feeds/all.atom?x=1")
    assert code == 200
    assert text.startswith("<?xml")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert preview.get("/search/releases.json")[0] == 200
    assert preview.get("/kb/KB10001")[0] == 301


def test_unknown_addresses_show_the_page_for_them(preview: Preview) -> None:
    code, html, _headers = preview.get("/no/such/page/")
    assert code == 404
    assert "reload.js" in html
    assert "Page not found" in html


@pytest.mark.parametrize("path", [
    "/../site/portal.yml", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fsite/portal.yml", "/kb/../../site/portal.yml"])
def test_nothing_but_the_portal_is_served(preview: Preview, path: str) -> None:
    code, text, _headers = preview.get(path)
    assert code in {400, 404}
    assert "vendor:" not in text
    assert "root:" not in text


def test_drafts_and_embargoed_records_are_marked_and_other_audiences_stay_out(preview: Preview) -> None:
    _code, draft, _headers = preview.get("/kb/KB10003/")
    assert "Draft. Only previews show this page." in draft
    _code, embargoed, _headers = preview.get("/pr/200001/")
    assert "Embargoed until 1 January 2999, 00:00 UTC. Only previews show this page." in embargoed
    _code, listing, _headers = preview.get("/kb/")
    assert "wp-chip--draft" in listing
    assert preview.get("/pr/200002/")[0] == 404


def test_a_change_bumps_the_version_and_rebuilds_only_its_page(preview: Preview) -> None:
    text = (preview.root / "articles/KB10002.md").read_text(encoding="utf-8")
    preview.change("articles/KB10002.md", text.replace("Use a brush.", "Use a broom."), lambda: preview.status()[0] == 2)
    assert "Use a broom." in preview.get("/kb/KB10002/")[1]
    built = [line for line in preview.said if " rendered, " in line]
    assert len(built) >= 2
    assert ", 2 rendered, " in built[1]  # the page in two languages


def test_an_edit_during_the_first_build_is_not_missed(root: Path, tmp_path: Path, quick_shell: None,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    real = build

    def build_and_edit(options: Options) -> Summary:
        summary = real(options)
        monkeypatch.setattr("generator.serve.build", real)
        edit(root, "articles/KB10002.md", "Use a brush.", "Use a broom.")
        return summary

    monkeypatch.setattr("generator.serve.build", build_and_edit)
    preview = Preview(root, tmp_path / "cache")
    try:
        wait(lambda: "Use a broom." in preview.get("/kb/KB10002/")[1] and "seen")
    finally:
        preview.close()


def test_a_mistake_is_shown_and_the_portal_stays_until_it_is_mended(preview: Preview) -> None:
    text = (preview.root / "articles/KB10002.md").read_text(encoding="utf-8")
    finding = "articles/KB10002.md:3: status: 'publisht' is not allowed here; write published?"
    preview.change("articles/KB10002.md", text.replace("published", "publisht"), lambda: preview.status() == (1, [finding]))
    assert "Use a brush." in preview.get("/kb/KB10002/")[1]
    assert finding in preview.said[-1]
    preview.change("articles/KB10002.md", text.replace("a brush", "a broom"), lambda: preview.status() == (2, []))
    assert "Use a broom." in preview.get("/kb/KB10002/")[1]


def test_a_new_and_a_deleted_record_appear_and_vanish(preview: Preview) -> None:
    preview.change("articles/KB10004.md", article("KB10004"), lambda: preview.get("/kb/KB10004/")[0] == 200)
    (preview.root / "articles/KB10004.md").unlink()
    wait(lambda: str(preview.get("/kb/KB10004/")[0] == 404 or ""))


def test_a_preview_of_a_broken_site_starts_with_its_findings_and_recovers(root: Path, tmp_path: Path, quick_shell: None) -> None:
    sound = (root / "portal.yml").read_text(encoding="utf-8")
    edit(root, "portal.yml", "vendor: Box Networks\n", "")
    preview = Preview(root, tmp_path / "cache")
    try:
        code, html, _headers = preview.get("/")
        assert code == 503
        assert "reload.js" in html
        assert preview.status() == (0, ["portal.yml:1: vendor: is missing; add a line 'vendor: ...'"])
        assert "the preview starts empty until the findings above are mended" in preview.said
        preview.change("portal.yml", sound, lambda: preview.status() == (1, []))
        assert preview.get("/")[0] == 200
    finally:
        preview.close()


def test_a_disk_error_is_shown_and_survived(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "pages/index.md~")

    text = (preview.root / "articles/KB10002.md").read_text(encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("generator.serve.build", fail)
        preview.change("articles/KB10002.md", text.replace("brush", "cloth"), lambda: "index.md~" in str(preview.status()[1]))
    preview.change("articles/KB10002.md", text.replace("brush", "broom"), lambda: preview.status() == (2, []))


def test_the_preview_of_an_audience_shows_its_records(root: Path, tmp_path: Path, quick_shell: None) -> None:
    preview = Preview(root, tmp_path / "cache", "internal")
    try:
        assert preview.get("/pr/200002/")[0] == 200
    finally:
        preview.close()


def test_a_port_in_use_is_an_error(root: Path, tmp_path: Path, quick_shell: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as error:
            serve(root, "127.0.0.1", port, "", tmp_path / "cache", lambda text: None)
    assert str(error.value) == f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another --port"


@pytest.mark.parametrize(("path", "counts"), [
    ("articles/KB10001.md", True), ("pages/site/index.md", True), ("portal.yml", True), ("../mkdocs.yml", True),
    ("site/index.html", False), (".waypost/cache/x", False), ("site-editorial/index.html", False), ("articles/.x.swp", False),
])
def test_only_changes_of_the_source_count(tmp_path: Path, path: str, counts: bool) -> None:
    """What builds write into the site must not start the next build."""
    root = tmp_path / "site"
    assert _SourceFilter(root)(Change.modified, str((root / path).resolve())) == counts
