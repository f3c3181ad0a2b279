"""Tables that are larger than memory should be, and files that are no tables at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.seal.support import HEADER, private_site, write
from tests.seal.test_findings import found

_READ = """
import resource, sys
from pathlib import Path
from generator.seal.tables import read_sealing
from kb.library import View
from kb.load import load
from kb.resolve import resolve
from tests.generator.support import AT
from tests.seal.support import options_for

root = Path(sys.argv[1])
library, _ = resolve(load(root, ("en", "ru")), View(AT))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sealing = read_sealing(library, options_for(root))
print(len(sealing.rows["entitlements"]), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    count, filling = 60_000, "C" * 200
    root = private_site(tmp_path / "site")
    with (root / "entitlements.csv").open("w", encoding="utf-8") as file:
        file.write("serial,contract,order,product\n")
        file.writelines(f"BX{number:09},{filling},{filling}{filling},box\n".replace(filling * 2, filling) for number in range(count))
    size = (root / "entitlements.csv").stat().st_size / 2**20
    output = subprocess.run([sys.executable, "-c", _READ, str(root)], check=True, capture_output=True, text=True).stdout
    rows, megabytes = map(int, output.split())
    assert rows == count
    assert size > 22
    assert megabytes < 16, f"{megabytes} MB for a file of {size:.0f} MB"


def test_a_line_without_an_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    write(root, "entitlements.csv", HEADER + "x" * 40_000_000)
    said = found(root)
    assert len(said) <= 101
    assert all("is a broken row or longer than a row may be" in line or "where the header has" in line for line in said)


def test_bytes_that_are_no_text_are_no_table(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    (root / "entitlements.csv").write_bytes(bytes(range(256)) * 1_000)
    assert len(found(root)) == 1
