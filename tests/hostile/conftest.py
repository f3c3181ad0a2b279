"""The portal of the hostile site, built once with the real theme."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from generator.build import Options, build
from tests.generator.conftest import quick_shell as quick_shell
from tests.generator.support import AT
from tests.hostile.site import Hostile, write_hostile_site


class Built(NamedTuple):
    site: Hostile
    out: Path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("hostile")
    site = write_hostile_site(folder / "source")
    build(Options(site.root, folder / "site", AT, rewrites=("all",)))
    return Built(site, folder / "site")
