"""Builds the golden site and gives what is kept of it in ``expected``; ``python -m tests.golden.update`` writes it anew."""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from generator.assets import make_assets
from generator.build import Options, Prepared, build, prepare
from generator.frames import Frame
from generator.keys import make_keys
from generator.urls import file_of
from generator.work import all_drafts
from tests.generator.support import slots

HERE = Path(__file__).parent
SOURCE, EXPECTED = HERE / "source", HERE / "expected"
AT = datetime(2026, 11, 22, tzinfo=UTC)

# The body of one page of each kind: file in ``expected`` -> address.
BODIES = {
    "home.html": "", "list.html": "kb/", "article.html": "kb/KB10001/", "article.ru.html": "ru/kb/KB10001/",
    "report.html": "pr/1000001/", "advisory.html": "advisories/EXSA-2026-0001/",
    "notice.ru.html": "ru/notices/EXSN-2026-0001/", "bulletin.html": "bulletins/EXTB-2026-0001/",
    "product.html": "products/fabric/", "platform.ru.html": "ru/products/fabric/leaf48/",
    "release.html": "releases/fabric/2.1.0/", "component.html": "components/pki/", "guide.html": "help/",
}
# The bodies of small pages and the heads of some pages share a file each.
SMALL = ("search/", "ru/search/", "pr/", "ru/compare/", "feeds/", "404.html", "archive/", "techdocs/fos-certificates.html",
         "lifecycle/", "ru/lifecycle/fabric/2.1/",
         "kb/KB10002/", "help/priorities/",
         "ru/help/contacts/", "help/open-a-case/", "help/escalation/", "ru/help/service-levels/", "help/returns/", "help/warranty/",
         "help/accounts/", "help/report-a-vulnerability/", "help/disclosure/")
HEADS = ("", "ru/kb/KB10001/", "pr/1000002/", "kb/KB10002/", "ru/404.html", "archive/")
FILES = {"feed.atom": "feeds/all.atom", "sitemap.xml": "sitemap.xml", "releases.json": "ru/search/releases.json"}
MACHINE = ("robots.txt", "redirects/nginx.map", "redirects/caddy.conf", ".well-known/csaf/provider-metadata.json",
           "lifecycle/fabric/end-dates.ics", ".well-known/csaf/white/2026/exsa-2026-0001.json", ".well-known/csaf/white/index.html",
           ".well-known/security.txt")

_HASHED = re.compile(r"(?<=assets/)([\w-]+)\.[0-9a-f]{10}\.")  # names of the theme's files change with the theme
_SCRIPT_HASHES = re.compile(r"( &#39;sha256-[A-Za-z0-9+/=]{44}&#39;)+")


def golden(folder: Path) -> dict[str, str]:
    """Builds into ``folder``; gives the content of each file of ``expected``."""
    options = Options(SOURCE, folder / "site", AT, cache=folder / "cache")
    frames = _frames(prepare(options))
    build(options)

    def slot(path: str, name: str) -> str:
        html = (options.out / file_of(path)).read_text(encoding="utf-8")
        up = "/portal/" if path.endswith("404.html") else "../" * path.count("/") or "./"
        text = _SCRIPT_HASHES.sub(" &#39;sha256-...&#39;", _HASHED.sub(r"\1.", slots(html, frames[path], up)[name]))
        return text if text.endswith("\n") else text + "\n"

    found = {name: slot(path, "body") for name, path in BODIES.items()}
    found["small-pages.html"] = "".join(f"===== /{path}\n{slot(path, 'body')}" for path in SMALL)
    found["heads.html"] = "".join(f"===== /{path}\n{slot(path, 'head').strip()}\n" for path in HEADS)
    found |= {name: (options.out / path).read_text(encoding="utf-8") for name, path in FILES.items()}
    found["machine.txt"] = "".join(f"===== {path}\n{(options.out / path).read_text(encoding='utf-8')}" for path in MACHINE)
    found["tree.txt"] = "".join(f"{path}\n" for path in _paths(options.out))
    return found


def _frames(prepared: Prepared) -> dict[str, Frame]:
    """The frame of each page by its address."""
    drafts = all_drafts(prepared.editions, make_keys(prepared.editions, prepared.shell, make_assets()), prepared.shell)
    return {page.path: prepared.shell.frame(page.language, page.frame, page.tab) for page in (draft.plan() for draft in drafts)}


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
