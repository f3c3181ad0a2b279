"""Builds the golden site and gives what is kept of it in ``expected``; ``python -m tests.golden.update`` writes it anew."""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from generator.build import Options, Prepared, build, prepare
from generator.urls import file_of
from tests.generator.support import slots

HERE = Path(__file__).parent
SOURCE, EXPECTED = HERE / "source", HERE / "expected"
AT = datetime(2026, 11, 22, tzinfo=UTC)

# The body of one page of each kind: file in ``expected`` -> address, header tab (or key of a guide's frame).
BODIES = {
    "home.html": ("", ""), "list.html": ("kb/", "kb/"), "article.html": ("kb/KB10001/", "kb/"),
    "article.ru.html": ("ru/kb/KB10001/", "kb/"), "retired.html": ("kb/KB10002/", "kb/"), "report.html": ("pr/1000001/", "pr/"),
    "advisory.html": ("advisories/EXSA-2026-0001/", "advisories/"),
    "notice.ru.html": ("ru/notices/EXSN-2026-0001/", "advisories/"),
    "bulletin.html": ("bulletins/EXTB-2026-0001/", "bulletins/"), "product.html": ("products/fabric/", "releases/"),
    "platform.ru.html": ("ru/products/fabric/leaf48/", "releases/"), "release.html": ("releases/fabric/2.1.0/", "releases/"),
    "component.html": ("components/pki/", "pr/"), "guide.html": ("help/", "en/help/"),
}
# Small pages and the heads of some others share a file each.
SMALL = {
    "search/": "", "ru/search/": "", "feeds/": "", "404.html": "", "archive/": "", "techdocs/fos-certificates.html": "",
}
HEADS = {"": "", "ru/kb/KB10001/": "kb/", "pr/1000002/": "pr/", "kb/KB10002/": "kb/", "ru/404.html": "", "archive/": ""}
FILES = {"feed.atom": "feeds/all.atom", "sitemap.xml": "sitemap.xml", "names.json": "ru/search/names.json"}
MACHINE = ("robots.txt", "redirects/nginx.map", "redirects/caddy.conf")

_HASHED = re.compile(r"(?<=assets/)([\w-]+)\.[0-9a-f]{10}\.")  # names of the theme's files change with the theme
_SCRIPT_HASHES = re.compile(r"( &#39;sha256-[A-Za-z0-9+/=]{44}&#39;)+")


def golden(folder: Path) -> dict[str, str]:
    """Builds into ``folder``; gives the content of each file of ``expected``."""
    options = Options(SOURCE, folder / "site", AT, cache=folder / "cache")
    prepared = prepare(options)
    build(options)
    found = {name: _slot(prepared, options.out, path, key, "body") for name, (path, key) in BODIES.items()}
    found["small-pages.html"] = "".join(
        f"===== /{path}\n{_slot(prepared, options.out, path, key, 'body')}" for path, key in SMALL.items())
    found["heads.html"] = "".join(
        f"===== /{path}\n{_slot(prepared, options.out, path, key, 'head').strip()}\n" for path, key in HEADS.items())
    found |= {name: (options.out / path).read_text(encoding="utf-8") for name, path in FILES.items()}
    found["machine.txt"] = "".join(f"===== {path}\n{(options.out / path).read_text(encoding='utf-8')}" for path in MACHINE)
    found["tree.txt"] = "".join(f"{path}\n" for path in _paths(options.out))
    return found


def _slot(prepared: Prepared, out: Path, path: str, key: str, slot: str) -> str:
    """What a page has in one slot of its frame."""
    language = "ru" if path.startswith("ru/") else "en"
    frame = prepared.shell.frames[key if key in prepared.shell.frames else f"{language}:{key}"]
    html = (out / file_of(path)).read_text(encoding="utf-8")
    up = "/portal/" if path.endswith("404.html") else "../" * path.count("/") or "./"
    text = _SCRIPT_HASHES.sub(" &#39;sha256-...&#39;", _HASHED.sub(r"\1.", slots(html, frame, up)[slot]))
    return text if text.endswith("\n") else text + "\n"


def _paths(out: Path) -> list[str]:
    """Addresses of all files but those that the theme and Pagefind bring along."""
    paths = (file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())
    return sorted(path for path in paths if not path.startswith(("assets/", "pagefind/")))


def update() -> None:
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        files = golden(Path(folder))
    shutil.rmtree(EXPECTED, ignore_errors=True)
    EXPECTED.mkdir()
    for name, text in files.items():
        (EXPECTED / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    update()
