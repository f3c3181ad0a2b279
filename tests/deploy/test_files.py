"""What deploy/ says agrees with itself."""

from __future__ import annotations

import re

from click.testing import CliRunner

from generator.cli import main
from tests.deploy.servers import DEPLOY, HOSTS


def test_the_readme_names_every_file() -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.name != "README.md":
            place = path.relative_to(DEPLOY).as_posix()
            assert any(f"`{part}" in readme for part in (place, f"{path.parent.relative_to(DEPLOY).as_posix()}/")), place


def test_all_use_the_same_hosts_groups_and_folders() -> None:
    told = {file: (DEPLOY / file).read_text(encoding="utf-8") for file in ("nginx/waypost.conf", "caddy/Caddyfile", "README.md")}
    for file, text in told.items():
        for audience, host in HOSTS.items():
            assert host in text, file
            assert f"/srv/waypost/current/{audience}" in text, file
        assert set(re.findall(r"waypost-(?:customer|partner)", text)) == {"waypost-customer", "waypost-partner"}, file


def test_commands_about_tokens_exist() -> None:
    for line in re.findall(r"^    waypost feed-token (.*)$", (DEPLOY / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        options = re.findall(r"--[a-z]+", line)
        assert all(f"{option} " in CliRunner().invoke(main, ["feed-token", "--help"]).output for option in options)
