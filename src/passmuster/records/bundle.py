"""An evidence bundle: a tar of signed in-toto statements and the files they speak of. Needs no database and no Django.

The tar has one spelling only, so that no byte of it can change unseen: `evidence.intoto.jsonl`, a DSSE envelope a line
(one statement a file, then one over all of them), then `files/<sha256>` in that order.
Sources: in-toto attestation framework, Statement version 1; DSSE, version 1; POSIX ustar.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from passmuster.documents.json_file import parse_json
from passmuster.errors import PassmusterError, UnreadableInput
from passmuster.records.signing import Signer, opens

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
PIECE = "urn:passmuster:evidence:1"
WHOLE = "urn:passmuster:evidence-bundle:1"
STATEMENTS = "evidence.intoto.jsonl"
_MAX_STATEMENTS_BYTES = 256 * 2**20
_BLOCK = 512
# How the first statement begins, as we spell it.
_FIRST = b'{"payload'
_READ = 1 << 20


class _NotIntact(Exception):
    """The first thing of a bundle that does not hold."""


@dataclass(frozen=True)
class Piece:
    """A file to put in, its digest and size, and what is said about it."""

    path: Path
    sha256: str
    size_bytes: int
    told: Mapping[str, Any]


@dataclass(frozen=True)
class BundleVerdict:
    """Whether a bundle holds: how many files it has, what it is about, and the first thing that does not hold."""

    files: int
    about: Mapping[str, Any]
    broken: str = ""
    is_own_key: bool = False


def write_bundle(target: Path, pieces: Sequence[Piece], about: Mapping[str, Any], signer: Signer) -> None:
    """Write the bundle; two pieces of evidence with the same bytes share a file. Raises OSError, UnreadableInput."""
    lines, digests = [], []
    for piece in pieces:
        body = _statement([_subject(piece.sha256)], PIECE, dict(piece.told))
        digests.append(hashlib.sha256(body).hexdigest())
        lines.append(_line(signer.sign(body, PAYLOAD)))
    files = {piece.sha256: piece for piece in pieces}
    whole = {**about, "public_key": signer.public_key, "statements": digests}
    sizes = [{"sha256": each.sha256, "size_bytes": each.size_bytes} for each in files.values()]
    subjects = [_subject(sha256) for sha256 in files]
    lines.append(_line(signer.sign(_statement(subjects, WHOLE, {**whole, "files": sizes}), PAYLOAD)))
    text = "".join(lines).encode()
    with target.open("wb") as stream:
        stream.write(_header(STATEMENTS, len(text)) + text + _padding(len(text)))
        for piece in files.values():
            stream.write(_header(f"files/{piece.sha256}", piece.size_bytes))
            _copy(piece, stream)
            stream.write(_padding(piece.size_bytes))
        stream.write(b"\0" * 2 * _BLOCK)


def _copy(piece: Piece, stream: IO[bytes]) -> None:
    digest = hashlib.sha256()
    with piece.path.open("rb") as source:
        while block := source.read(_READ):
            digest.update(block)
            stream.write(block)
    if digest.hexdigest() != piece.sha256:
        raise UnreadableInput(f"{piece.path}: was changed; restore it from a backup before it is handed on")


def verify_bundle(path: Path, *, public_key: str = "") -> BundleVerdict:
    """Hold every statement, file and byte of a bundle against its signatures; raises UnreadableInput where it is none.

    Without a public key of yours the one in the bundle is used: whoever changed it could have changed that too.
    """
    try:
        with path.open("rb") as stream:
            return _verify(stream, path, public_key)
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read ({error.strerror})") from None


def _verify(stream: IO[bytes], path: Path, public_key: str) -> BundleVerdict:
    try:
        size = _size_of_statements(stream, path)
        data = stream.read(size)
        if len(data) != size or stream.read(len(_padding(size))) != _padding(size):
            raise _NotIntact("the statements are cut short or followed by something else")
        envelopes = list(_envelopes(data, path))
        about = _about(envelopes[-1])
        key = public_key or str(about.get("public_key", ""))
        whole = _whole(envelopes, key)
        for told in whole["files"]:
            _check_file(stream, told)
        if stream.read() != b"\0" * 2 * _BLOCK:
            raise _NotIntact("something follows the last file, or the end is missing")
    except _NotIntact as problem:
        return BundleVerdict(0, {}, str(problem), not public_key)
    except (KeyError, TypeError, ValueError):
        return BundleVerdict(0, {}, "the last statement says too little", not public_key)
    return BundleVerdict(len(whole["files"]), about, is_own_key=not public_key)


def _size_of_statements(stream: IO[bytes], path: Path) -> int:
    head = stream.read(_BLOCK)
    with suppress(tarfile.TarError, ValueError):
        size = tarfile.TarInfo.frombuf(head, "utf-8", "strict").size
        if 0 < size <= _MAX_STATEMENTS_BYTES and head == _header(STATEMENTS, size):
            return size
    if stream.read(len(_FIRST)) == _FIRST:
        raise _NotIntact("the beginning of the bundle was changed")
    raise UnreadableInput(f"{path}: is no evidence bundle, or its beginning was changed")


def _envelopes(data: bytes, path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise _NotIntact("the statements were changed: they are no text") from None
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            envelope = parse_json(line, f"{path}: statement {number}")
        except PassmusterError:
            raise _NotIntact(f"statement {number} was changed: it cannot be read") from None
        if not isinstance(envelope, dict) or _line(envelope) != f"{line}\n":
            raise _NotIntact(f"statement {number} was changed")
        yield envelope
    if not text.endswith("\n"):
        raise _NotIntact("the statements were changed: their end is missing")


def _about(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """What the last statement says, before it is known whether it was signed."""
    with suppress(KeyError, TypeError, ValueError, PassmusterError):
        told = parse_json(base64.b64decode(envelope["payload"]).decode(), "the last statement")["predicate"]
        if isinstance(told, dict):
            return told
    raise _NotIntact("the last statement is not the one over all files")


def _whole(envelopes: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    """The predicate of the last statement, after every statement's signature and place were held against it."""
    digests, named = [], []
    for number, envelope in enumerate(envelopes, start=1):
        try:
            body = opens(envelope, PAYLOAD, key)
            statement = json.loads(body)
            kind, subjects = statement["predicateType"], [each["digest"]["sha256"] for each in statement["subject"]]
        except (KeyError, TypeError, ValueError):
            raise _NotIntact(f"statement {number} is not signed by that key") from None
        if kind != (WHOLE if number == len(envelopes) else PIECE) or statement.get("_type") != STATEMENT:
            raise _NotIntact(f"statement {number} is of another kind")
        if number < len(envelopes):
            digests.append(hashlib.sha256(body).hexdigest())
            named += subjects
    told = statement["predicate"]
    in_files = [each["sha256"] for each in told["files"]]
    if told["statements"] != digests or in_files != list(dict.fromkeys(named)) or subjects != in_files:
        raise _NotIntact("the statements are not those the last one was signed over")
    return dict(told)


def _check_file(stream: IO[bytes], told: Mapping[str, Any]) -> None:
    sha256, size = str(told["sha256"]), int(told["size_bytes"])
    if stream.read(_BLOCK) != _header(f"files/{sha256}", size):
        raise _NotIntact(f"the file {sha256[:16]} is missing, or its place was changed")
    digest, left = hashlib.sha256(), size
    while left and (block := stream.read(min(left, _READ))):
        digest.update(block)
        left -= len(block)
    if left or digest.hexdigest() != sha256:
        raise _NotIntact(f"the file {sha256[:16]} was changed")
    if stream.read(len(_padding(size))) != _padding(size):
        raise _NotIntact(f"something was written behind the file {sha256[:16]}")


def _statement(subjects: list[dict[str, Any]], kind: str, told: dict[str, Any]) -> bytes:
    whole = {"_type": STATEMENT, "subject": subjects, "predicateType": kind, "predicate": told}
    return json.dumps(whole, sort_keys=True).encode()


def _subject(sha256: str) -> dict[str, Any]:
    return {"name": f"files/{sha256}", "digest": {"sha256": sha256}}


def _line(envelope: Mapping[str, Any]) -> str:
    return json.dumps(envelope) + "\n"


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % _BLOCK)
