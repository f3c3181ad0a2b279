"""The twenty requirements of CSAF 2.0, section 7.1, over a loopback server that answers as docs/csaf.md asks of hosts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from generator.building import Provider as Role
from tests.generator.csaf.conftest import Keyring
from tests.generator.csaf.sites import BULLETINS
from tests.generator.csaf.test_signing import settings
from tests.generator.support import build_site, write_site
from tests.sites.make import example_policy

ROOT = "https://support.example.com/"
WELL_KNOWN = f"{ROOT}.well-known/csaf/"
LABELS = ("WHITE", "GREEN")
Json = dict[str, Any]


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {".json": "application/json", ".asc": "text/plain", ".csv": "text/csv", ".html": "text/html; charset=utf-8",  # noqa: RUF012
                      "": "text/plain"}

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of single requests."""


class Provider(NamedTuple):
    """A served portal."""

    folder: Path
    port: int
    fingerprint: str

    def answer(self, url: str) -> tuple[HTTPResponse, bytes]:
        """What the host answers at a public address, without following redirects."""
        assert url.startswith(ROOT), url
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", urlsplit(url).path)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response, data

    def get(self, url: str) -> bytes:
        response, data = self.answer(url)
        assert response.status == 200, url
        return data

    def json(self, url: str) -> Json:
        response, data = self.answer(url)
        assert (response.status, response.headers["Content-Type"]) == (200, "application/json"), url
        return json.loads(data.decode("utf-8"))  # type: ignore[no-any-return]

    @property
    def metadata(self) -> Json:
        return self.json(f"{WELL_KNOWN}provider-metadata.json")

    def feed(self, label: str) -> Json:
        (url,) = (item["url"] for item in self.metadata["distributions"][0]["rolie"]["feeds"] if item["tlp_label"] == label)
        return self.json(url)["feed"]  # type: ignore[no-any-return]

    def folders(self) -> dict[str, str]:
        """The folder of each label's documents."""
        return {url.rstrip("/").rpartition("/")[2].upper(): url for item in self.metadata["distributions"] if (url := item.get("directory_url"))}

    def documents(self) -> dict[str, Json]:
        """All documents by address, as feeds list them."""
        return {url: self.json(url) for label in LABELS for entry in self.feed(label)["entry"] for url in [entry["content"]["src"]]}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring, fingerprint: str, plain_builds: None) -> Iterator[Provider]:
    folder = tmp_path_factory.mktemp("provider")
    root = write_site(folder / "source", {**BULLETINS, "portal.yml": settings(fingerprint, "  issuing_authority: Responsible for boxes.\n"),
                                          "policy.yml": example_policy()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GNUPGHOME", str(keyring.home))
        summary = build_site(root, folder / "site", folder / "cache")
    assert summary.csaf == Role(4, "csaf_trusted_provider")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder / "site")))
    Thread(target=server.serve_forever, daemon=True).start()
    yield Provider(folder / "site", server.server_port, fingerprint)
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_1_documents_are_valid(
        provider: Provider, validate: Callable[[list[Path]], dict[str, dict[str, list[str]]]]) -> None:
    files = [provider.folder / urlsplit(url).path.lstrip("/") for url in provider.documents()]
    assert len(files) == 4
    assert {name: said["errors"] for name, said in validate(files).items() if said["errors"]} == {}


def test_2_names_of_files_follow_from_ids(provider: Provider) -> None:
    for url, document in provider.documents().items():
        wanted = re.sub(r"[^+\-a-z0-9]+", "_", document["document"]["tracking"]["id"].lower())
        assert url.rpartition("/")[2] == f"{wanted}.json"


def test_3_all_addresses_are_https(provider: Provider) -> None:
    for path in (provider.folder / ".well-known").rglob("*"):
        if path.is_file() and path.suffix in {".json", ".txt", ".html"}:
            own = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert "http://" not in own, path


def test_4_white_documents_are_free_to_all(provider: Provider) -> None:
    for entry in provider.feed("WHITE")["entry"]:
        assert provider.answer(entry["content"]["src"])[0].status == 200


def test_5_labels_have_folders_of_their_own(provider: Provider) -> None:
    """AMBER and RED never enter a portal, and whoever hosts it may close the folder of GREEN."""
    for url, document in provider.documents().items():
        label = document["document"]["distribution"]["tlp"]["label"]
        assert url.startswith(f"{WELL_KNOWN}{label.lower()}/")
    assert {path.name for path in (provider.folder / ".well-known/csaf").iterdir() if path.is_dir()} == {"white", "green", "openpgp"}


def test_6_nothing_is_redirected(provider: Provider) -> None:
    for url in (*provider.documents(), *provider.folders().values(), f"{WELL_KNOWN}provider-metadata.json", f"{WELL_KNOWN}service.json"):
        assert provider.answer(url)[0].status == 200


def test_7_metadata_are_complete(provider: Provider) -> None:
    found = provider.metadata
    assert found["canonical_url"] == f"{WELL_KNOWN}provider-metadata.json"
    assert found["publisher"] == {"category": "vendor", "contact_details": "sirt@example.com, +1 555 0199", "issuing_authority": "Responsible for boxes.",
                                  "name": "Box Networks", "namespace": ROOT}
    assert (found["metadata_version"], found["role"]) == ("2.0", "csaf_trusted_provider")
    assert (found["list_on_CSAF_aggregators"], found["mirror_on_CSAF_aggregators"]) == (True, True)
    newest = max(document["document"]["tracking"]["current_release_date"] for document in provider.documents().values())
    assert found["last_updated"] == newest
    assert [item["tlp_label"] for item in found["distributions"][0]["rolie"]["feeds"]] == list(LABELS)


def test_8_security_txt_leads_to_the_metadata_first(provider: Provider) -> None:
    text = provider.get(f"{ROOT}.well-known/security.txt").decode("utf-8")
    assert re.findall(r"^CSAF: (.*)$", text, re.MULTILINE) == [f"{WELL_KNOWN}provider-metadata.json"]


def test_9_metadata_stand_at_the_well_known_address(provider: Provider) -> None:
    assert provider.answer(f"{WELL_KNOWN}provider-metadata.json")[0].headers["Content-Type"] == "application/json"


def test_10_a_host_of_its_own_can_serve_the_same_bytes(provider: Provider) -> None:
    """docs/csaf.md tells how; the file that it serves needs nothing else of the host."""
    documentation = (Path(__file__).resolve().parents[3] / "docs" / "csaf.md").read_text(encoding="utf-8")
    assert "csaf.data.security." in documentation
    assert all(value.startswith(ROOT) for value in re.findall(r'"(https?://[^"]+)"', json.dumps(provider.metadata)))


def test_11_folders_are_years(provider: Provider) -> None:
    years = {}
    for url, document in provider.documents().items():
        years[document["document"]["tracking"]["id"]] = url.split("/")[-2]
        assert url.split("/")[-2] == document["document"]["tracking"]["initial_release_date"][:4]
    assert years["SA-2025-0002"] == "2025"


def relative(provider: Provider, label: str) -> list[str]:
    return [url.removeprefix(provider.folders()[label]) for url in provider.documents() if url.startswith(provider.folders()[label])]


@pytest.mark.parametrize("label", LABELS)
def test_12_index_txt_lists_all(provider: Provider, label: str) -> None:
    lines = provider.get(f"{provider.folders()[label]}index.txt").decode("utf-8").splitlines()
    assert sorted(lines) == sorted(relative(provider, label)) != []


@pytest.mark.parametrize("label", LABELS)
def test_13_changes_csv_lists_all_newest_first(provider: Provider, label: str) -> None:
    text = provider.get(f"{provider.folders()[label]}changes.csv").decode("utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert sorted(name for name, _time in rows) == sorted(relative(provider, label))
    assert [time for _name, time in rows] == sorted((time for _name, time in rows), reverse=True)
    for name, time in rows:
        document = provider.json(provider.folders()[label] + name)
        assert time == document["document"]["tracking"]["current_release_date"]
    assert text.startswith('"')


def test_14_each_folder_has_a_listing(provider: Provider) -> None:
    """A tool that follows links finds every file."""
    found: set[str] = set()
    waiting = [WELL_KNOWN]
    while waiting:
        folder = waiting.pop()
        for node in LexborHTMLParser(provider.get(folder).decode("utf-8")).css("ul a"):
            name = node.attributes["href"] or ""
            if name.endswith("/"):
                waiting += [folder + name] if name != "../" else []
            else:
                found.add(folder + name)
    files = {f"{ROOT}{path.relative_to(provider.folder).as_posix()}" for path in (provider.folder / ".well-known/csaf").rglob("*")
             if path.is_file() and path.name != "index.html"}
    assert found == files


@pytest.mark.parametrize("label", LABELS)
def test_15_a_rolie_feed_lists_all(provider: Provider, label: str) -> None:
    feed = provider.feed(label)
    assert feed["id"] == f"csaf-feed-tlp-{label.lower()}"
    assert feed["link"][0] == {"rel": "self", "href": f"{WELL_KNOWN}{label.lower()}/csaf-feed-tlp-{label.lower()}.json"}
    assert feed["category"] == [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}]
    assert feed["updated"] == max(entry["updated"] for entry in feed["entry"])
    for entry in feed["entry"]:
        document = provider.json(entry["content"]["src"])["document"]
        assert (entry["id"], entry["title"]) == (document["tracking"]["id"], document["title"])
        assert (entry["published"], entry["updated"]) == (
            document["tracking"]["initial_release_date"], document["tracking"]["current_release_date"])
        assert entry["content"]["type"] == "application/json"
        assert entry["format"] == {"schema": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json", "version": "2.0"}
        assert [link["rel"] for link in entry["link"]] == ["self", "hash", "hash", "signature"]
        assert all(provider.answer(link["href"])[0].status == 200 for link in entry["link"])
        assert document["distribution"]["tlp"]["label"] == label


def test_16_a_service_document_lists_the_feeds(provider: Provider) -> None:
    (url,) = provider.metadata["distributions"][0]["rolie"]["services"]
    (workspace,) = provider.json(url)["service"]["workspace"]
    assert [item["href"] for item in workspace["collection"]] == [
        item["url"] for item in provider.metadata["distributions"][0]["rolie"]["feeds"]]


def test_17_each_feed_has_a_category_document(provider: Provider) -> None:
    addresses = provider.metadata["distributions"][0]["rolie"]["categories"]
    assert len(addresses) == len(LABELS)
    for url in addresses:
        assert {"term": "BoxOS"} in provider.json(url)["categories"]["category"]


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_18_each_document_has_hashes(provider: Provider, algorithm: str) -> None:
    for url in provider.documents():
        digest, name = provider.get(f"{url}.{algorithm}").decode("ascii").split()
        assert (digest, name) == (hashlib.new(algorithm, provider.get(url)).hexdigest(), url.rpartition("/")[2])


def test_19_each_document_has_a_signature(provider: Provider) -> None:
    """Verified as a stranger does, who has nothing but the published key."""
    home = Path(tempfile.mkdtemp(prefix="wp-gpg-"))
    gpg = ["gpg", "--batch", "--no-tty", "--no-autostart", "--homedir", str(home), "--status-fd", "1"]
    try:
        (key,) = provider.metadata["public_openpgp_keys"]
        subprocess.run([*gpg, "--import"], input=provider.get(key["url"]), capture_output=True, check=True)
        for url in provider.documents():
            (home / "signature").write_bytes(provider.get(f"{url}.asc"))
            done = subprocess.run([*gpg, "--verify", str(home / "signature"), "-"], input=provider.get(url), capture_output=True, check=False)
            assert f"VALIDSIG {provider.fingerprint}" in done.stdout.decode(), url
            assert done.returncode == 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_20_the_public_key_is_there(provider: Provider, keyring: Keyring) -> None:
    (key,) = provider.metadata["public_openpgp_keys"]
    assert key == {"fingerprint": provider.fingerprint, "url": f"{WELL_KNOWN}openpgp/{provider.fingerprint}.asc"}
    data = provider.get(key["url"])
    shown = keyring.run("--with-colons", "--show-keys", data=data).stdout.decode()
    assert f":{provider.fingerprint}:" in shown
    assert b"PRIVATE" not in data


def test_listings_are_strict(provider: Provider) -> None:
    for path in (provider.folder / ".well-known").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        policy = LexborHTMLParser(text).css_first("meta[http-equiv]").attributes["content"] or ""
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert not re.search(r"<script|style=|\bon\w+=", text)
