"""Fixtures that several test packages use."""

from pathlib import Path

import pytest
from hypothesis import settings

# No test depends on how fast a machine is, or on chance.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of collected real-world records, which stands beside the repository where it is available."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("needs the collected records in ../shared/data")
    return path
