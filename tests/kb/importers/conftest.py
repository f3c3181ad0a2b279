"""A small site to import into, and a source folder to import from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.importers import ImportReport, run_import
from kb.load import load
from kb.records import AnyRecord, normal_id

PORTAL = "name: Test\nvendor: Example\nurl: https://support.example.com/\n"
PRODUCTS = """\
products:
  - id: exos
    name: ExOS
    aliases: [Ex OS]
    scheme: junos
    platforms:
      - {id: ar900, name: AR900 routers, aliases: [AR900]}
    components:
      - {id: bgp, name: BGP}
    releases:
      - {id: 21.4R1}
      - {id: 21.4R3-S5}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with one product that was written by hand."""
    root = tmp_path / "site"
    root.mkdir()
    (root / "portal.yml").write_text(PORTAL, encoding="utf-8")
    (root / "products.yml").write_text(PRODUCTS, encoding="utf-8")
    return root


class Source:
    """Files to import, and the import itself."""

    def __init__(self, root: Path, site: Path) -> None:
        self.root, self.site = root, site
        root.mkdir()

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, form: str, **options: object) -> ImportReport:
        return run_import(form, self.root, self.site, **options)  # type: ignore[arg-type]

    def messages(self, report: ImportReport, level: str = "error") -> list[str]:
        """Findings of a level, without the folder of the source."""
        return [str(finding).replace(f"{self.root}/", "").replace(str(self.root), "SOURCE")
                for finding in report.findings if finding.level == level]

    def read(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path, site: Path) -> Source:
    return Source(tmp_path / "source", site)


@pytest.fixture
def records(site: Path) -> Callable[[], dict[str, AnyRecord]]:
    """Loads the site, which must have no errors, and gives its records by id."""

    def read() -> dict[str, AnyRecord]:
        content = load(site, ("en", "ru"))
        assert [str(finding) for finding in content.findings if finding.level == "error"] == []
        return {normal_id(record.id): record for record in content.records}

    return read


@pytest.fixture
def tree(site: Path) -> Callable[[], dict[str, bytes]]:
    """Every file of the site with its bytes."""
    return lambda: {str(path.relative_to(site)): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
