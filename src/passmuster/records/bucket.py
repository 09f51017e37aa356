"""A bucket of a store that speaks S3: whole objects, and what the store says of their lock.

The library is botocore, because the lock, the versions of a name and "only if it is not there" are all in it. It asks
no host but the store's: keys come from the environment alone, never from a file or a machine's own service.
Source: the S3 API reference (PutObject, HeadObject, GetObjectLockConfiguration, ListObjectVersions).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from passmuster.errors import StoreFailed, UsageError

SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BLOCK = 1 << 20
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_THERE = frozenset({"412", "PreconditionFailed"})
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound"})


@dataclass(frozen=True)
class Place:
    """A bucket, and what the names of our objects in it begin with."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        """The address, as settings spell it."""
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def name(self, rest: str) -> str:
        """The whole name of an object of ours."""
        return f"{self.prefix}/{rest}" if self.prefix else rest


@dataclass(frozen=True)
class Access:
    """Where the store is and the keys to it; never shown, never kept."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    region: str = ""
    endpoint: str = ""
    authorities: str = ""


@dataclass(frozen=True)
class Lock:
    """What keeps an object as it is: COMPLIANCE for everybody, GOVERNANCE but for those who may lift it."""

    mode: str
    until: datetime

    def __str__(self) -> str:
        """In words."""
        return f"locked until {self.until:%Y-%m-%d}, {self.mode}"


@dataclass(frozen=True)
class Version:
    """One version of an object; `is_removal` where it is the mark by which the store hides those before it."""

    name: str
    identity: str
    is_newest: bool
    is_removal: bool


class Absent(Exception):
    """No object of that name, or no such version."""


def is_bucket(text: str) -> bool:
    """Whether a setting names a bucket rather than a folder."""
    return text.startswith(SCHEME)


def place_of(text: str, setting: str) -> Place:
    """The place that `s3://bucket/prefix` names; raises UsageError."""
    bucket, _, prefix = text.removeprefix(SCHEME).rstrip("/").partition("/")
    if not is_bucket(text) or not _BUCKET.fullmatch(bucket) or (prefix and not _PREFIX.fullmatch(prefix)):
        raise UsageError(f"{setting}: {text!r} names no bucket; write s3://bucket or s3://bucket/prefix")
    return Place(bucket, prefix)


def access_of(environ: Mapping[str, str]) -> Access:
    """The keys and the store's address by the usual AWS_ variables; raises UsageError naming all that is missing."""
    found = {name: environ.get(f"AWS_{name}", "").strip() for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    complaints = [f"AWS_{name} is not set" for name, value in found.items() if not value]
    endpoint = (environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or "").strip()
    region = (environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "").strip()
    parts = urlsplit(endpoint)
    if endpoint and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        complaints.append("AWS_ENDPOINT_URL must begin with https://")
    if not endpoint and not region:
        complaints.append("name the store: AWS_REGION for Amazon's, AWS_ENDPOINT_URL for another")
    if complaints:
        raise UsageError("the object store: " + "; ".join(complaints))
    return Access(
        found["ACCESS_KEY_ID"],
        found["SECRET_ACCESS_KEY"],
        environ.get("AWS_SESSION_TOKEN", "").strip(),
        region or "us-east-1",
        endpoint,
        environ.get("AWS_CA_BUNDLE", "").strip(),
    )


def open_bucket(place: Place, environ: Mapping[str, str]) -> Bucket:
    """The bucket, to be asked; nothing is asked yet. Raises UsageError where the environment says too little."""
    return Bucket(place, client_of(access_of(environ)))


@lru_cache(maxsize=4)
def client_of(access: Access) -> Any:
    """The library's client, one for the process: making it reads long descriptions, and its connections are kept."""
    return Session().create_client(
        "s3",
        region_name=access.region,
        endpoint_url=access.endpoint or None,
        aws_access_key_id=access.key,
        aws_secret_access_key=access.secret,
        aws_session_token=access.token or None,
        verify=access.authorities or None,
        config=Config(
            signature_version="s3v4",
            connect_timeout=10,
            read_timeout=60,
            retries={"total_max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if access.endpoint else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


class Bucket:
    """Objects under a place. Every question may raise StoreFailed."""

    def __init__(self, place: Place, client: Any) -> None:
        self.place = place
        self._client = client

    def put(self, rest: str, body: bytes | Path, *, sha256: str, lock: Lock | None = None, is_new: bool = True) -> bool:
        """Write one whole object, held against its digest by the store; False where one is there and `is_new`."""
        asked: dict[str, Any] = {"ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode()}
        if lock:
            asked |= {"ObjectLockMode": lock.mode, "ObjectLockRetainUntilDate": lock.until}
        if is_new:
            asked["IfNoneMatch"] = "*"
        try:
            with self._asking("write"):
                if isinstance(body, bytes):
                    self._client.put_object(**self._named(rest), Body=body, **asked)
                else:
                    with body.open("rb") as stream:
                        self._client.put_object(**self._named(rest), Body=stream, **asked)
        except _Refused as refusal:
            if is_new and refusal.code in _THERE:
                return False
            raise
        return True

    def read(self, rest: str, version: str = "") -> Iterator[bytes]:
        """The object in blocks; raises Absent."""
        try:
            with self._asking("read"):
                answer = self._client.get_object(**self._named(rest), **_version(version))
                yield from answer["Body"].iter_chunks(_BLOCK)
        except _Refused as refusal:
            if refusal.code in _ABSENT:
                raise Absent(rest) from None
            raise

    def lock_of(self, rest: str) -> Lock | None:
        """How the newest version of an object is locked; raises Absent."""
        try:
            with self._asking("look at"):
                told = self._client.head_object(**self._named(rest))
        except _Refused as refusal:
            if refusal.code in _ABSENT:
                raise Absent(rest) from None
            raise
        mode, until = told.get("ObjectLockMode"), told.get("ObjectLockRetainUntilDate")
        return Lock(str(mode), until) if mode and until else None

    def default_lock(self) -> str:
        """How the bucket locks what is written without asking, in words; empty where it does not."""
        try:
            with self._asking("tell the lock of"):
                told = self._client.get_object_lock_configuration(Bucket=self.place.bucket)
        except _Refused as refusal:
            if refusal.code in _NO_LOCK:
                return ""
            raise
        rule = told.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        spans = [f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if rule.get(unit)]
        return f"{rule.get('Mode')}, {spans[0]}" if spans else ""

    def versions(self, rest: str) -> Iterator[Version]:
        """Every version of every object whose name begins so, those that were hidden or replaced too."""
        with self._asking("list"):
            pages = self._client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.place.bucket, Prefix=self.place.name(rest)):
                for kind in ("Versions", "DeleteMarkers"):
                    for each in page.get(kind, ()):
                        name = str(each["Key"]).removeprefix(self.place.name(""))
                        yield Version(name, str(each["VersionId"]), bool(each["IsLatest"]), kind != "Versions")

    def _named(self, rest: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": self.place.name(rest)}

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            told = error.response.get("Error", {})
            raise _Refused(self.place, what, str(told.get("Code", "")), str(told.get("Message", ""))) from None
        except BotoCoreError as error:
            kind = type(error).__name__
            raise StoreFailed(f"{self.place}: the store did not answer ({kind}); it is tried again later") from None


class _Refused(StoreFailed):
    """The store answered, and said no."""

    def __init__(self, place: Place, what: str, code: str, words: str) -> None:
        self.code = code
        told = f"{code}: {words}"[:200].rstrip(": ")
        mend = "look at the bucket and the rights of the key"
        super().__init__(f"{place}: the store refuses to {what} it ({told}); {mend}")


def _version(identity: str) -> dict[str, str]:
    return {"VersionId": identity} if identity else {}
