"""A small site with restricted parts of every kind, and the same site as it would be had its author left some of them out."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import msgspec

from tests.generator.support import PNG, article, report, write, write_site

AUDIENCES = ("public", "customer", "partner", "staff")
SEES = {"public": {"public"}, "customer": {"public", "customer"}, "partner": {"public", "partner"},
        "staff": {"public", "customer", "partner", "staff"}}
PORTAL = """\
name: Box Support
vendor: Box Networks
url: https://support.example.com/
languages: [en, ru]
summary: All about boxes.
audiences:
  public: {}
  customer: {name: Customers, translations: {ru: {name: Заказчики}}}
  partner: {includes: public, url: "https://partners.example.com/help/"}
  staff: {includes: [customer, partner]}
"""


class Part(msgspec.Struct, frozen=True):
    """Something that can be restricted; ``field`` where it is named in front matter, else it stands between marks."""

    name: str
    field: bool = False


# What of these records can be restricted, and what is whole.
PARTS = (
    Part("introduction"), Part("listed"), Part("heading"), Part("workaround", True), Part("aliases", True), Part("keywords", True),
    Part("related", True), Part("references", True), Part("credits", True), Part("summary", True), Part("xqjfact.log", True),
    Part("xqjpanel.png", True), Part("translated"), Part("line"), Part("notes", True), Part("cvss", True), Part("history", True),
)
RECORDS = ("article", "report", "advisory", "notice", "bulletin", "line")


def canary(name: str) -> str:
    """A word that stands nowhere else."""
    return f"xqjword{''.join(c for c in name if c.isalpha())}"


class Site:
    """Which part and which record is for whom; those that are not named are for all."""

    def __init__(self, parts: dict[str, str], records: dict[str, str], guides: bool = False) -> None:
        self.parts, self.records, self.guides = parts, records, guides

    def write(self, root: Path, left_out: Collection[str] | None = None) -> Path:
        """Writes the site; with ``left_out``, without anything for these audiences."""
        self._left_out = left_out
        write_site(root)
        write(root, "portal.yml", PORTAL)
        self._article(root)
        self._bulletins(root)
        self._lines(root)
        if self._shows("article", self.records):
            write(root, "articles/KB80001.md", article("KB80001", f"{canary('article')} [[KB90001]]\n",
                                                       related="[KB90001]", **self._for("article")))
        if self._shows("report", self.records):
            write(root, "reports/987650001.md", report("987650001", f"## Problem\n\n{canary('report')}\n", component="web", **self._for("report")))
        if self.guides:
            self._guides(root)
        return root

    def _shows(self, name: str, of: dict[str, str]) -> bool:
        return self._left_out is None or of.get(name, "public") not in self._left_out

    def _for(self, record: str) -> dict[str, str]:
        audience = self.records.get(record)
        return {"audience": audience} if audience else {}

    def _marked(self, name: str, text: str) -> str:
        """A text that stands between marks where it is restricted, or not at all."""
        if not self._shows(name, self.parts):
            return ""
        audience = self.parts.get(name)
        return f"<!-- audience: {audience} -->\n{text}<!-- /audience -->\n" if audience and self._left_out is None else text

    def _restricted(self, names: Collection[str]) -> str:
        found: dict[str, list[str]] = {}
        for name in names:
            if name in self.parts and self._left_out is None:
                found.setdefault(self.parts[name], []).append(name)
        return f"restricted: {json.dumps(found)}\n" if found else ""

    def _field(self, name: str, value: str) -> str:
        return f"{name}: {value}\n" if self._shows(name, self.parts) else ""

    def _link(self, name: str, words: str) -> str:
        if self._shows(name, self.parts):
            return f"{'!' if name.endswith('.png') else ''}[{words}]({name})"
        return "" if name.endswith(".png") else words

    def _article(self, root: Path) -> None:
        names = ("workaround", "aliases", "keywords", "related", "xqjfact.log", "xqjpanel.png")
        write(root, "articles/xqjfact.log", canary("filetext"))
        (root / "articles/xqjpanel.png").write_bytes(PNG + canary("pixels").encode())
        head = ("---\nid: KB90001\nstatus: published\ntitle: Open a box\nsummary: How to open it.\nproducts: [box]\n"
                "created: 2026-03-01\nupdated: 2026-03-02\n"
                + self._field("aliases", f"[{canary('aliases')}-1]") + self._field("keywords", f"[{canary('keywords')}]")
                + self._field("related", "[100001]") + self._restricted(names) + "---\n\n")
        workaround = f"## Workaround\n\n{canary('workaround')}\n\n" if self._shows("workaround", self.parts) else ""
        write(root, "articles/KB90001.md", head + "Pull the lid.\n\n"
              + self._marked("introduction", f"{canary('introduction')} with [[KB10002]] and [another](box.log).\n\n")
              + "- one\n" + self._marked("listed", f"- {canary('listed')} two\n") + "- three\n\n"
              + self._marked("heading", f"## {canary('heading')}\n\nText.\n\n") + workaround
              + f"## Solution\n\nSee {self._link('xqjfact.log', 'the log')}.\n\n{self._link('xqjpanel.png', 'Panel')}\n\n"
              + "```\n<!-- audience: partner -->\n```\n\n## Notes\n\nSee [[KB10001]].\n")
        russian = f"## Обходное решение\n\n{canary('workaroundru')}\n\n" if self._shows("workaround", self.parts) else ""
        write(root, "articles/KB90001.ru.md", "---\ntitle: Открыть\n" + self._field("keywords", f"[{canary('keywordsru')}]") + "---\n\n"
              + self._marked("translated", f"{canary('translated')}\n\n") + russian + f"## Решение\n\n{self._link('xqjfact.log', 'Журнал')}.\n")

    def _bulletins(self, root: Path) -> None:
        affected, revisions = "[{product: box, ranges: [1.0 before 1.0.1]}]", '[{number: "1", date: 2026-02-10, text: First.}]'
        secret = "\n".join(("id: SA-2026-0901", "status: final", "title: Hole", "summary: A hole.", "publish_at: 2026-02-10T16:00:00Z",
                            'cvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"]', f"affected: {affected}",
                            f"revisions: {revisions}", *(f"{k}: {v}" for k, v in self._for("advisory").items())))
        if self._shows("advisory", self.records):
            write(root, "advisories/SA-2026-0901.md", f"---\n{secret}\ncves: [CVE-2026-90901]\n---\n\n## Problem\n\n{canary('advisory')}\n")
        names = ("references", "credits", "cvss")
        write(root, "notices/SN-2026-0901.md", "---\nid: SN-2026-0901\nstatus: final\ntitle: Mind the lid\nsummary: Mind it.\n"
              "tlp: GREEN\nproducts: [box]\npublish_at: 2026-02-11T16:00:00Z\n"
              + self._field("references", f"[{{title: {canary('references')}, url: 'https://x.example/{canary('referenceurl')}'}}]")
              + self._field("credits", f"[{canary('credits')}]")
              + self._field("cvss", '["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"]')
              + 'revisions: [{number: "1", date: 2026-02-11, text: First.}]\n' + self._restricted(names) + "---\n\nMind.\n")
        if self._shows("notice", self.records):
            lines = "".join(f"{k}: {v}\n" for k, v in self._for("notice").items())
            write(root, "notices/SN-2026-0902.md", "---\nid: SN-2026-0902\nstatus: final\ntitle: Quiet\nsummary: Quiet.\nproducts: [box]\n"
                  f"publish_at: 2026-02-12T16:00:00Z\n{lines}revisions: [{{number: '1', date: 2026-02-12, text: First.}}]\n---\n\n"
                  f"{canary('notice')}\n")
        if self._shows("bulletin", self.records):
            lines = "".join(f"{k}: {v}\n" for k, v in self._for("bulletin").items())
            write(root, "bulletins/TB-2026-0901.md", "---\nid: TB-2026-0901\nstatus: published\ntitle: Screws\nsummary: Screws.\n"
                  f"type: hardware\nproducts: [box]\ncreated: 2026-02-01\nupdated: 2026-02-01\n{lines}---\n\n{canary('bulletin')}\n")

    def _lines(self, root: Path) -> None:
        common = {"status": "open", "affected": [{"product": "box", "ranges": ["1.0"]}], "created": "2026-03-01", "updated": "2026-03-02"}
        own: dict[str, object] = {"id": "900001", "title": "Lid loose", "problem": "Loose.\n" + self._marked("line", f"{canary('line')}\n")}
        for name, value in (("summary", f"A {canary('summary')}."), ("notes", f"{canary('notes')} of it."),
                            ("history", [{"date": "2026-03-02", "text": canary("history")}])):
            if self._shows(name, self.parts):
                own[name] = value
        named = [name for name in ("summary", "notes", "history") if name in self.parts]
        if named and self._left_out is None:
            own["restricted"] = {audience: [name for name in named if self.parts[name] == audience]
                                 for audience in dict.fromkeys(self.parts[name] for name in named)}
        found = [{**own, **common}, {"id": "900002", "title": "Lid tight", "problem": "Tight.", **common}]
        if self._shows("line", self.records):
            found.insert(1, {"id": "987650003", "title": canary("whole"), "problem": "x", **common, **self._for("line")})
        write(root, "reports/some.jsonl", "".join(json.dumps(line) + "\n" for line in found))

    def _guides(self, root: Path) -> None:
        write(root, "pages/help/tips.md", "# Tips\n\nTurn it off.\n\n" + self._marked("introduction", f"{canary('guidepart')} ![x](xqjsecret.png)\n\n"))
        if self._shows("introduction", self.parts):
            (root / "pages/help/xqjsecret.png").write_bytes(PNG + canary("guidepixels").encode())
        if self._left_out is None or "customer" not in self._left_out:
            write(root, "pages/help/prices.md", f"---\naudience: customer\n---\n# {canary('guidetitle')}\n\n{canary('guide')} "
                  "[list](xqjprice.pdf)\n")
            write(root, "pages/help/xqjprice.pdf", canary("guidefile"))
