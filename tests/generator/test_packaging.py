"""The wheel holds all that a portal needs, and the editorial pages build with MkDocs alone."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from generator.scaffold import init_site
from tests.generator.support import page

pytestmark = [pytest.mark.slow]
HERE = Path(__file__).resolve().parents[2]
PACKAGES = ("kb", "prsearch", "generator", "theme")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment["NO_MKDOCS_2_WARNING"] = "1"
    return subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "pip", "wheel", HERE, "--no-deps", "--quiet", "--wheel-dir", folder, cwd=folder)
    if "hatchling" in done.stderr and "No matching distribution" in done.stderr:
        pytest.skip("needs hatchling from a package registry")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("waypost-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on is taken from this one."""
    folder = tmp_path_factory.mktemp("environment")
    made = run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    assert made.returncode == 0, made.stderr
    done = run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-deps",
               "--no-index", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {path.relative_to(HERE).as_posix() for package in PACKAGES for path in (HERE / package).rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}
    assert packed == files


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name]
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode("utf-8")
        scripts = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode("utf-8")
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert any(name.endswith("LICENSE") for name in names)
    assert "waypost = generator.cli:main" in scripts


def test_an_installed_waypost_makes_a_portal_anywhere(environment: Path, tmp_path: Path) -> None:
    code = "import generator, theme; print(generator.__file__, theme.__file__)"
    where = run(environment / "bin" / "python", "-c", code, cwd=tmp_path)
    assert all(path.startswith(str(environment)) for path in where.stdout.split()), where.stdout + where.stderr
    waypost = environment / "bin" / "waypost"
    for command in (["init", "mysite"], ["check", "--site", "mysite"], ["new", "report", "--site", "mysite"],
                    ["build", "--site", "mysite", "--out", "portal", "--jobs", "2"]):
        done = run(waypost, *command, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
    assert page(tmp_path / "portal", "kb/KB10001/").css_first("h1").text() == "Collect the logs that support needs"
    assert list((tmp_path / "portal" / "assets").glob("waypost.*.css"))
    assert (tmp_path / "portal" / "pagefind" / "pagefind.js").is_file()


def test_mkdocs_alone_builds_the_editorial_pages(tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "pages", cwd=HERE)
    assert (done.returncode, done.stderr) == (0, "")
    shown = page(tmp_path / "pages", "")
    assert shown.css_first("h1")
    assert "<!--wp:body-->" in (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    assert not (tmp_path / "pages" / "articles").exists()


def test_mkdocs_alone_builds_the_pages_of_a_new_site(tmp_path: Path) -> None:
    init_site(tmp_path / "mysite")
    done = run(sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", cwd=tmp_path / "mysite")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "mysite" / "site-editorial" / "help" / "index.html").is_file()
