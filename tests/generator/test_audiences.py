"""Trees of several audiences: built together as alone, and each as if nothing that it does not show had ever been written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.build import BuildFailed, Options, Summary, build_all
from tests.generator.restricted_site import AUDIENCES, PARTS, RECORDS, SEES, Site
from tests.generator.support import AT, build_site, differences

pytestmark = pytest.mark.usefixtures("quick_shell")

OTHERS = AUDIENCES[1:]


def build_trees(root: Path, out: Path, cache: Path | None = None, jobs: int = 1) -> dict[str, Summary]:
    try:
        return build_all(Options(root, out, AT, "all", False, cache, jobs, rewrites=("all",)))
    except BuildFailed as failed:
        failed.add_note("\n".join(str(finding) for finding in failed.findings))
        raise


sites = st.builds(Site, st.dictionaries(st.sampled_from([part.name for part in PARTS]), st.sampled_from(OTHERS), min_size=3),
                  st.dictionaries(st.sampled_from(RECORDS), st.sampled_from(OTHERS)))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(site=sites)
def test_each_tree_is_as_if_what_it_does_not_show_had_never_been_written(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("trees")
    build_trees(site.write(folder / "site"), folder / "out", folder / "cache")
    for audience in AUDIENCES:
        root = site.write(folder / audience, set(AUDIENCES) - SEES[audience])
        build_site(root, folder / "alone", folder / "other", audience=audience)
        assert differences(folder / "out" / audience, folder / "alone") == [], audience
