"""What is installed is what the locks name, by hash; a wheel is the same wherever it is built; a build asks nothing of the network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.generator.support import AT, tree, write_site

HERE = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {"requirements.lock": ("build",), "requirements-test.lock": ("build", "test")}
BUILD = "from generator.cli import main; main()"


def locked(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Requirement and hashes of each package in a lock."""
    text = (HERE / file).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            wanted, *hashes = line.split(" --hash=")
            requirement = Requirement(wanted.strip())
            found[canonicalize_name(requirement.name)] = requirement, [digest.strip() for digest in hashes]
    return found


def direct(groups: tuple[str, ...]) -> Mapping[str, Requirement]:
    texts = [*PROJECT["project"]["dependencies"], *(text for group in groups for text in PROJECT["dependency-groups"][group])]
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, texts)}


@pytest.mark.parametrize("file", LOCKS)
def test_a_lock_names_one_version_of_each_package_by_its_hashes(file: str) -> None:
    for name, (requirement, hashes) in locked(file).items():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), name
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), name


@pytest.mark.parametrize("file", LOCKS)
def test_a_lock_names_no_place_to_load_from(file: str) -> None:
    text = (HERE / file).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("file", LOCKS)
def test_locks_and_pyproject_agree(file: str) -> None:
    """After a change of dependencies 'make lock' writes the locks anew."""
    pinned, wanted = locked(file), direct(LOCKS[file])
    assert set(wanted) <= set(pinned)
    for name, requirement in wanted.items():
        version = Version(str(pinned[name][0].specifier).removeprefix("=="))
        assert requirement.specifier.contains(version, prereleases=True), name


def test_what_is_tested_is_what_is_installed() -> None:
    runtime, tested = locked("requirements.lock"), locked("requirements-test.lock")
    assert {name: (str(found.specifier), hashes) for name, (found, hashes) in runtime.items()} == {
        name: (str(tested[name][0].specifier), tested[name][1]) for name in runtime}


def test_make_installs_by_hash() -> None:
    makefile = (HERE / "Makefile").read_text(encoding="utf-8")
    for file in LOCKS:
        assert f"$(INSTALL) --require-hashes --requirement {file}" in makefile
    assert "npm ci" in makefile


def test_the_checkers_of_npm_are_locked_by_integrity() -> None:
    wanted = json.loads((HERE / "tests" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = json.loads((HERE / "tests" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert packages[""]["dependencies"] == wanted
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@pytest.mark.slow
def test_a_wheel_is_the_same_wherever_and_whenever_it_is_built(tmp_path: Path) -> None:
    wheels = []
    for number, umask in ((1, 0o022), (2, 0o077)):
        folder = tmp_path / f"{'deeper/' * number}source{number}"
        for name in ("kb", "prsearch", "generator", "theme"):
            shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copyfile(HERE / name, folder / name)
        for path in folder.rglob("*"):
            os.utime(path, (number * 10**8, number * 10**8))
            if path.is_file():
                path.chmod(0o666 & ~umask)
        done = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / str(number))], cwd=folder,
                              env={**os.environ, "TZ": f"UTC-{number}", "PYTHONHASHSEED": str(number)}, umask=umask, capture_output=True,
                              text=True, check=False)
        if "No module named hatchling" in done.stderr:
            pytest.skip("needs hatchling, which requirements.lock names")
        assert done.returncode == 0, done.stderr
        wheels.append(next((tmp_path / str(number)).glob("*.whl")))
    one, other = wheels
    assert one.name == other.name
    with zipfile.ZipFile(one) as left, zipfile.ZipFile(other) as right:
        assert [(item.filename, item.date_time, item.external_attr) for item in left.infolist()] == [
            (item.filename, item.date_time, item.external_attr) for item in right.infolist()]
    assert one.read_bytes() == other.read_bytes()


def built(site: Path, out: Path, *before: str, umask: int = 0o022) -> Path:
    options = ["build", "--site", str(site), "--out", str(out), "--at", AT.isoformat(), "--jobs", "2"]
    done = subprocess.run([*before, sys.executable, "-c", BUILD, *options], cwd=HERE, umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def with_network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small site and its portal, built by somebody who lets nobody else read."""
    folder = tmp_path_factory.mktemp("with")
    return write_site(folder / "site"), built(folder / "site", folder / "out", umask=0o077)


@pytest.mark.slow
def test_a_build_needs_no_network(with_network: tuple[Path, Path], tmp_path: Path) -> None:
    """In a network namespace of its own, without even a loopback interface that is up."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs 'unshare -rn', which this machine does not have or allow")
    probe = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    tried = subprocess.run(["unshare", "-rn", sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert "unreachable" in tried.stderr
    out = built(write_site(tmp_path / "site"), tmp_path / "out", "unshare", "-rn", umask=0)
    assert tree(out) == tree(with_network[1])
    assert not [path for path in out.rglob("*") if path.stat().st_mode & 0o022]


@pytest.mark.slow
def test_modes_do_not_depend_on_who_builds(with_network: tuple[Path, Path]) -> None:
    """A web server may read the portal, and nobody else the cache with what is not published yet."""
    site, out = with_network
    assert {oct(path.stat().st_mode & 0o777) for path in out.rglob("*") if path.is_file()} == {"0o644"}
    assert {oct(path.stat().st_mode & 0o777) for path in [out, *out.rglob("*")] if path.is_dir()} == {"0o755"}
    assert (site / ".waypost" / "cache").stat().st_mode & 0o777 == 0o700
