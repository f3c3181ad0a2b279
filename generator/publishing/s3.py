"""S3-compatible storage: objects sent in parallel with their SHA-256, a journal of what is done, a lock by conditional write."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from generator.publishing.failure import PublishError
from generator.publishing.roles import Headers, Role, headers_of
from generator.publishing.source import Source
from generator.publishing.state_store import StateFolder
from kb.reporting import Report

_THREADS = 8
_LOCK, _JOURNAL, _OURS = ".waypost/lock", "journal.jsonl", "locks"
_REMEMBERED = 20  # locks that publishers of this machine took last, one of which may have been killed
_EXPIRES, _RENEW = 900, 200  # seconds after which a lock holds no more; objects after which it is renewed
_DELETED = 1_000  # objects of one request (API reference, DeleteObjects)


def client(endpoint: str) -> Any:
    """A client with the standard chain of credentials; raises PublishError where boto3 is missing."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise PublishError("publishing to s3:// needs boto3; install it with: pip install 'waypost[s3]'") from None
    return boto3.client("s3", endpoint_url=endpoint or None,
                        config=Config(retries={"max_attempts": 5, "mode": "standard"}, max_pool_connections=_THREADS + 2,
                                      connect_timeout=20, read_timeout=60))


@contextmanager
def told(where: str) -> Iterator[None]:
    """Says failures of the storage in a line."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        said = error.response["Error"].get("Message") or error
        raise PublishError(f"{where}: {said}; check bucket, rights and endpoint") from None
    except BotoCoreError as error:
        raise PublishError(f"{where}: {str(error).rstrip('.')}; check credentials, endpoint and network") from None


def _code(error: Any) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


class BucketStore:
    """Implements ``state_store.Store`` in a prefix that nobody else may read."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, f"{prefix}/" if prefix else ""
        self.where = f"s3://{bucket}/{prefix}"

    def read(self, name: str) -> bytes | None:
        with told(self.where):
            try:
                data: bytes = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None
            return data

    def write(self, name: str, data: bytes) -> None:
        with told(self.where):
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=data, ContentType="application/json",
                                CacheControl="no-store", ChecksumSHA256=_base64(hashlib.sha256(data).hexdigest()))

    def remove(self, name: str) -> None:
        with told(self.where):
            self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + name)


class Bucket:
    """Implements ``ordered.Target``. ``local`` keeps the journal: losing it costs time, not correctness."""

    def __init__(self, s3: Any, bucket: str, prefix: str, local: StateFolder, private: bool) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, f"{prefix}/" if prefix else ""
        self.where = f"s3://{bucket}/{prefix}".rstrip("/")
        self._local, self._private = local, private
        self._lock: tuple[str, str] = ("", "")  # its id and ETag

    @contextmanager
    def locked(self, owner: str, break_lock: bool) -> Iterator[None]:
        """Holds an object as a lock; one that is older than a quarter of an hour holds no more."""
        with told(self.where):
            self._take(break_lock)
        try:
            yield
        finally:
            with suppress(PublishError), told(self.where):
                if self._held()[0] == self._lock[0]:
                    self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + _LOCK)

    def _take(self, break_lock: bool) -> None:
        name, ours = secrets.token_hex(16), (self._local.read(_OURS) or b"").decode().split()
        self._local.write(_OURS, "\n".join([*ours[-_REMEMBERED:], name]).encode())
        if self._write_lock(name, IfNoneMatch="*"):
            return
        holder, etag, age = self._held()
        is_dead = holder in ours  # for the lock of this machine is with us
        may_take = is_dead or break_lock or age > _EXPIRES
        if may_take and self._write_lock(name, **({"IfMatch": etag} if etag else {"IfNoneMatch": "*"})):
            return
        raise PublishError(f"{self.where} is being published to by somebody else, whose lock is {age // 60:.0f} minutes old and "
                           f"holds for {_EXPIRES // 60}; wait for it to end, or take the lock with --break-lock if you know that "
                           "it is dead")

    def _write_lock(self, name: str, **condition: str) -> bool:
        """Whether the lock is ours now. It says nothing of who we are, since readers may get it."""
        from botocore.exceptions import ClientError

        body = json.dumps({"id": name, "seconds": _EXPIRES}).encode()
        try:
            answer = self._s3.put_object(Bucket=self._bucket, Key=self._prefix + _LOCK, Body=body, CacheControl="no-store",
                                         ContentType="application/json", **condition)
        except ClientError as error:
            if _code(error) in {404, 409, 412}:
                return False
            raise
        self._lock = (name, answer["ETag"])
        return True

    def _held(self) -> tuple[str, str, float]:
        """Id and ETag of the lock and its age in seconds by the storage's own clock."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + _LOCK)
        except self._s3.exceptions.NoSuchKey:
            return "", "", 0.0
        with suppress(ValueError, AttributeError):
            now: datetime = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
            name = str(json.loads(answer["Body"].read()).get("id", ""))
            return name, answer["ETag"], (now - answer["LastModified"]).total_seconds()
        return "?", answer["ETag"], 0.0

    def _renew(self) -> None:
        if self._lock[0] and not self._write_lock(self._lock[0], IfMatch=self._lock[1]):
            raise PublishError(f"{self.where}: somebody else has taken the lock; publish again when they have ended")

    def is_empty(self) -> bool:
        with told(self.where):
            return not [path for path in self._listed() if not path.startswith(".waypost/")]

    def _listed(self) -> dict[str, str]:
        """ETags of all objects by path."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return {item["Key"].removeprefix(self._prefix): item["ETag"] for page in pages for item in page.get("Contents", ())}

    def missing(self, source: Source, roles: Mapping[str, Role]) -> list[str]:
        """An object is right that the journal knows under its ETag; one that it does not know, if the ETag is the file's MD5."""
        with told(self.where):
            there, journal = self._listed(), self._journal()
        return [path for path in source.files
                if there.get(path) is None or not self._is_right(source, path, roles[path], there[path], journal.get(path))]

    def _is_right(self, source: Source, path: str, role: Role, etag: str, known: tuple[str, str] | None) -> bool:
        if known and known[1] == etag:
            return known[0] == _mark(source.files[path].sha256, headers_of(path, role, self._private))
        return etag.strip('"') == _md5(source.read(path))

    def _journal(self) -> dict[str, tuple[str, str]]:
        """What was sent, and the ETag under which it was taken, by path; a torn last line counts as nothing."""
        found: dict[str, tuple[str, str]] = {}
        for line in (self._local.read(_JOURNAL) or b"").splitlines():
            with suppress(ValueError):
                path, mark, etag = json.loads(line)
                found[path] = (mark, etag)
        return found

    def send(self, source: Source, paths: Sequence[str], roles: Mapping[str, Role], report: Report) -> None:
        stage = f"send {roles[paths[0]].name}"
        with told(self.where), (self._local.folder / _JOURNAL).open("a", encoding="utf-8") as journal, \
                ThreadPoolExecutor(_THREADS) as pool:
            for start in range(0, len(paths), _RENEW):
                self._renew()
                chunk = paths[start : start + _RENEW]
                for number, line in enumerate(pool.map(lambda path: self._put(source, path, roles[path]), chunk), start + 1):
                    journal.write(f"{json.dumps(line)}\n")
                    journal.flush()
                    report(stage, number, len(paths))

    def _put(self, source: Source, path: str, role: Role) -> tuple[str, str, str]:
        """Sends a file, which the storage compares with its SHA-256; gives the journal's line."""
        fact, headers, data = source.files[path], headers_of(path, role, self._private), source.read(path)
        encoding = {"ContentEncoding": headers.content_encoding} if headers.content_encoding else {}
        answer = self._s3.put_object(
            Bucket=self._bucket, Key=self._prefix + path, Body=data, ContentType=headers.content_type,
            CacheControl=headers.cache_control, ChecksumSHA256=_base64(fact.sha256), Metadata={"sha256": fact.sha256}, **encoding)
        if not _arrived(answer, data, fact.sha256):
            raise PublishError(f"{self.where}: {path} arrived damaged; publish again")
        return path, _mark(fact.sha256, headers), answer["ETag"]

    def delete(self, paths: Sequence[str]) -> None:
        with told(self.where):
            for start in range(0, len(paths), _DELETED):
                objects = [{"Key": self._prefix + path} for path in paths[start : start + _DELETED]]
                answer = self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
                if answer.get("Errors"):
                    raise PublishError(f"{self.where}: {answer['Errors'][0]['Key']} cannot be removed: "
                                       f"{answer['Errors'][0].get('Message', '')}; check rights")


def _arrived(answer: Mapping[str, Any], data: bytes, digest: str) -> bool:
    """Whether what the storage says it got is what was sent. One that counts no SHA-256 tells the MD5, unless it encrypts."""
    if "ChecksumSHA256" in answer:
        return bool(answer["ChecksumSHA256"] == _base64(digest))
    return "ServerSideEncryption" in answer or _md5(data) == answer["ETag"].strip('"')


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _mark(digest: str, headers: Headers) -> str:
    """Tells content and headers of an object."""
    told = (digest, headers.content_type, headers.cache_control, headers.content_encoding)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
