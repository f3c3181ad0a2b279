"""nginx and Caddy with the configurations of deploy/, whose fixed paths, names and ports are exchanged for those of a test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import NamedTuple

import trustme

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HOSTS = {"public": "support.example.com", "customer": "customer.support.example.com", "partner": "partner.support.example.com"}


class Place(NamedTuple):
    """Where a server finds what it needs: trees below ``folder/srv``, certificates, token files; and the ports."""

    folder: Path
    login: int  # port of oauth2-proxy

    def tokens(self, audience: str, suffix: str = "") -> Path:
        return self.folder / "tokens" / f"{audience}{suffix}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_certificates(folder: Path) -> trustme.CA:
    """A certificate for each host as certbot lays them out; returns the authority."""
    authority = trustme.CA()
    for host in HOSTS.values():
        (folder / "tls" / host).mkdir(parents=True)
        made = authority.issue_cert(host)
        (folder / "tls" / host / "fullchain.pem").write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
        made.private_key_pem.write_to_path(folder / "tls" / host / "privkey.pem")
    return authority


class Server(ABC):
    """A running server; ``port`` is that of HTTPS."""

    name = ""
    suffix = ""  # of its token files

    def __init__(self, place: Place) -> None:
        self.place, self.port, self.plain_port = place, free_port(), free_port()
        self.log = place.folder / f"{self.name}-access.log"
        self.errors = place.folder / f"{self.name}.log"
        config = self.configure()
        with self.errors.open("wb") as errors:
            self._process = subprocess.Popen(self.command(config), stdout=errors, stderr=errors, env=self.environment())
        self._await()

    @abstractmethod
    def configure(self) -> Path:
        """Writes the configuration of the place; returns its main file."""

    @abstractmethod
    def command(self, config: Path) -> list[str]:
        """What starts the server in the foreground."""

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    @abstractmethod
    def reload(self) -> None:
        """Makes the server read its token files again, where it has to be told."""

    def _await(self) -> None:
        for _ in range(100):
            if self._process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        self.close()
        raise AssertionError(f"{self.name} does not start: {self.errors.read_text()}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


class Nginx(Server):
    name = "nginx"

    def configure(self) -> Path:
        folder = self.place.folder / "nginx"
        shutil.copytree(DEPLOY / "nginx", folder)
        for file in (*folder.glob("*.conf"), *folder.glob("waypost/*.conf")):
            file.write_text(self._here(file.read_text(encoding="utf-8")), encoding="utf-8")
        user = "user root;\n" if os.geteuid() == 0 else ""
        bodies = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = folder / "nginx.conf"
        config.write_text(f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {self.errors} notice;\n"
                          f"events {{}}\nhttp {{\n{bodies}default_type text/plain;\ninclude {folder}/waypost.conf;\n}}\n")
        return config

    def _here(self, text: str) -> str:
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
        for there, here in {"listen 443": f"listen 127.0.0.1:{self.port}", "listen 80": f"listen 127.0.0.1:{self.plain_port}",
                            "/srv/waypost/": f"{self.place.folder}/srv/", "/etc/letsencrypt/live/": f"{self.place.folder}/tls/",
                            "/etc/waypost/feed-tokens/": f"{self.place.folder}/tokens/", "/run/": f"{self.place.folder}/",
                            "/var/log/nginx/waypost.log": str(self.log), "127.0.0.1:4180": f"127.0.0.1:{self.place.login}",
                            "rate=5r/s": "rate=1000r/s"}.items():  # tests ask for everything in seconds
            text = text.replace(there, here)
        return text

    def command(self, config: Path) -> list[str]:
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(config.parent), "-c", str(config), "-e", str(self.errors)]

    def reload(self) -> None:
        """nginx reads them at each request."""


class Caddy(Server):
    name, suffix = "caddy", ".caddy"

    def configure(self) -> Path:
        text = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8").replace("\n:443 {", f"\n:{self.port} {{\n\tbind 127.0.0.1")
        for there, here in {"/srv/waypost/": f"{self.place.folder}/srv/", "/etc/waypost/feed-tokens/": f"{self.place.folder}/tokens/",
                            "/var/log/caddy/waypost.log": str(self.log), "127.0.0.1:4180": f"127.0.0.1:{self.place.login}"}.items():
            text = text.replace(there, here)
        for host in HOSTS.values():
            files = self.place.folder / "tls" / host
            text = text.replace(f"\n{host} {{", f"\n{host} {{\n\tbind 127.0.0.1\n\ttls {files}/fullchain.pem {files}/privkey.pem")
        ports = f"\thttp_port {self.plain_port}\n\thttps_port {self.port}\n\tadmin off\n"
        config = self.place.folder / "Caddyfile"
        config.write_text(text.replace("\n{\n", f"\n{{\n{ports}", 1), encoding="utf-8")
        return config

    def command(self, config: Path) -> list[str]:
        return [shutil.which("caddy") or "/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", str(config)]

    def environment(self) -> dict[str, str]:
        folder = str(self.place.folder / "caddy-home")
        return {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}

    def reload(self) -> None:
        self.close()
        with self.errors.open("ab") as errors:
            self._process = subprocess.Popen(self.command(self.place.folder / "Caddyfile"), stdout=errors, stderr=errors,
                                             env=self.environment())
        self._await()


def is_there(kind: type[Server]) -> bool:
    return any(shutil.which(kind.name, path=path) for path in (os.environ.get("PATH", ""), "/usr/sbin:/usr/bin:/usr/local/bin"))
