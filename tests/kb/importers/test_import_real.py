"""All collected data sets in one site: everything arrives, everything loads, nothing changes the second time."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.importers import ImportReport, run_import
from kb.library import Library, View
from kb.load import Content, load
from kb.range_syntax import parse_span
from kb.ranges import compile_affected
from kb.records import Article, SecurityBulletin, affected_of
from kb.releases import parse_release
from kb.resolve import resolve

pytestmark = pytest.mark.slow

SOURCES = {"juniper-cve": "cve", "kcs-articles": "kcs", "vtex-known-issues": "known-issues", "cumulus-issues": "known-issues"}
EXPECTED = json.loads((Path(__file__).parents[1] / "juniper_expectations.json").read_text(encoding="utf-8"))


def bring(data: Path, root: Path) -> dict[str, ImportReport]:
    return {name: run_import(form, data / name, root, date="2024-01-01" if name == "cumulus-issues" else "")
            for name, form in SOURCES.items()}


def hashes(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*") if path.is_file()}


class Imported:
    """A site with all data sets, loaded and resolved."""

    def __init__(self, root: Path, data: Path) -> None:
        self.root, self.data = root, data
        (root / "portal.yml").write_text("name: T\nvendor: T\nurl: https://support.example.com/\n", encoding="utf-8")
        self.reports = bring(data, root)
        self.content: Content = load(root, ("en", "ru"))
        library, self.findings = resolve(self.content, View(datetime(2026, 11, 22, tzinfo=UTC)))
        assert library
        self.library: Library = library


@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(tmp_path_factory.mktemp("real"), shared_data)


def test_everything_loads(imported: Imported) -> None:
    assert [str(finding) for finding in imported.content.findings] == []
    assert [str(finding) for finding in imported.findings] == []
    assert Counter(record.kind for record in imported.content.records) == {
        "article": 577, "report": 83 + 447 + 44, "advisory": 81}
    assert Counter(text.language for record in imported.content.records for text in record.texts) == {
        "en": 81 + 577 + 83 + 438 + 44, "es": 223, "pt": 222}  # four texts in each say only that they are not translated


def test_nothing_is_rejected(imported: Imported) -> None:
    assert {name: (report.rejected, report.kept) for name, report in imported.reports.items()} == dict.fromkeys(SOURCES, (0, 0))
    assert {finding.level for report in imported.reports.values() for finding in report.findings} == {"note"}


def test_the_second_import_changes_nothing(imported: Imported) -> None:
    before = hashes(imported.root)
    again = bring(imported.data, imported.root)
    assert {name: (report.written, report.kept) for name, report in again.items()} == dict.fromkeys(SOURCES, (0, 0))
    assert hashes(imported.root) == before


def test_every_cve_record_arrives_whole(imported: Imported) -> None:
    for path in sorted((imported.data / "juniper-cve").glob("*.json")):
        cna = json.loads(path.read_text(encoding="utf-8"))["containers"]["cna"]
        advisory = imported.library.find(path.stem)
        assert isinstance(advisory, SecurityBulletin)
        assert advisory.id == cna["source"]["advisory"].split()[0]
        vectors = {vector["vectorString"] for metric in cna["metrics"] for name, vector in metric.items()
                   if name.startswith("cvss")}
        assert vectors <= {score.vector for score in advisory.scores}
        assert {item["url"] for item in cna["references"]} <= {item.url for item in advisory.references}
        assert {" ".join(item["value"].split()) for item in cna.get("credits", [])} <= set(advisory.credits)
        assert len(advisory.revisions) == max(1, len(cna.get("timeline", [])))
        for defect in cna["source"]["defect"]:
            report = imported.library.find(defect)
            assert report and report.id in advisory.related and report.related == (advisory.id,)
            assert len(affected_of(report)) == len(cna["affected"])
        words = " ".join(section.markdown for section in advisory.text.sections).replace("\\", "")
        for name in ("descriptions", "configurations", "exploits", "workarounds", "solutions"):
            for word in " ".join(text["value"] for text in cna.get(name, [])).split():
                if word.isalnum():
                    assert word in words, (path.stem, word)


@pytest.mark.parametrize("record_id", EXPECTED)
def test_verdicts_are_those_of_the_record(record_id: str, imported: Imported) -> None:
    advisory = imported.library.find(record_id)
    assert advisory
    # An advisory may speak of several vulnerabilities; the report of the defect speaks of this one.
    source = json.loads((imported.data / "juniper-cve" / f"{record_id}.json").read_text(encoding="utf-8"))
    record = imported.library.find(source["containers"]["cna"]["source"]["defect"][0])
    assert record and record.id in advisory.related
    wrong = []
    for case in EXPECTED[record_id]:
        product = imported.content.catalogue.find(case["product"])
        assert product
        platform = product.platform(case["platform"]) if "platform" in case else None
        if "platform" in case and platform is None:
            continue  # a platform that no record of the import names
        compiled = compile_affected(affected_of(record), product.id, product.scheme)
        for status in ("affected", "fixed", "not_affected"):
            for release in case.get(status, ()):
                found = compiled.verdict(release, platform.id if platform else None)
                if found.status != status and {found.status, status} != {"fixed", "not_affected"}:
                    wrong.append(f"{product.id} {release} on {platform}: {found.status} ({found.reason}), not {status}")
    assert wrong == []


def test_every_release_of_the_records_is_known(imported: Imported) -> None:
    for record in imported.content.records:
        for entry in affected_of(record):
            product = imported.content.catalogue.find(entry.product)
            assert product
            known = {parse_release(release.id, product.scheme) for release in product.releases}
            assert {end for text in entry.fixed for end in parse_span(text, product.scheme)} <= known


def test_articles_carry_nothing_internal(imported: Imported) -> None:
    for path in sorted((imported.data / "kcs-articles").glob("*.md")):
        head = path.read_bytes().decode().replace("\r\n", "\n").split("\n---\n")[0]
        article = imported.library.find(path.stem)
        assert isinstance(article, Article)
        written = (imported.root / article.place.path).read_text(encoding="utf-8").partition("\n---\n")[0]
        for line in head.split("\n"):
            name, _, value = line.partition(": ")
            if name == "exl-id" or (name in {"internal-notes", "dynamics-url"} and "http" in value):
                assert value.strip("'\"") not in written
    everything = "".join(path.read_text(encoding="utf-8") for path in (imported.root / "articles").glob("*.md"))
    assert "dynamics.com/main.aspx" not in everything
