"""Signatures of the keeper: DSSE envelopes with an ed25519 key that only its owner can read.

Source: the DSSE protocol, version 1 (secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from passmuster.errors import UsageError

Envelope = dict[str, Any]


def _encoded(kind: str, body: bytes) -> bytes:
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True)
class Signer:
    """Signs with one private key; `public_key` is its other half, base64."""

    _private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> str:
        """32 bytes, base64."""
        return base64.b64encode(_raw(self._private.public_key())).decode()

    def sign(self, body: bytes, kind: str) -> Envelope:
        """A DSSE envelope around the body."""
        signature = self._private.sign(_encoded(kind, body))
        return {
            "payloadType": kind,
            "payload": base64.b64encode(body).decode(),
            "signatures": [{"keyid": key_id(self.public_key), "sig": base64.b64encode(signature).decode()}],
        }


def key_id(public_key: str) -> str:
    """A short name of a public key."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def opens(envelope: Mapping[str, Any], kind: str, public_key: str) -> bytes:
    """The body of an envelope; raises ValueError where it is of another kind or not signed by that key."""
    try:
        if envelope["payloadType"] != kind:
            raise ValueError("an envelope of another kind")
        body = _exactly(envelope["payload"])
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        if set(envelope) != {"payloadType", "payload", "signatures"}:
            raise ValueError("no envelope")
        for each in envelope["signatures"]:
            if set(each) != {"keyid", "sig"} or each["keyid"] != key_id(public_key):
                raise ValueError("signed by another key")
            key.verify(_exactly(each["sig"]), _encoded(kind, body))
        if not envelope["signatures"]:
            raise ValueError("no signature")
    except (KeyError, TypeError, binascii.Error, InvalidSignature) as error:
        raise ValueError("not signed by that key") from error
    return body


def _exactly(text: str) -> bytes:
    """Base64 as it is written; the bits that its last letter does not need must be none, or a letter could change."""
    body = base64.b64decode(text, validate=True)
    if base64.b64encode(body).decode() != text:
        raise ValueError("no base64")
    return body


def own_signer(home: Path) -> Signer:
    """The keeper's key, made at first use; raises UsageError where its file is damaged."""
    path = home / "signing_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        try:
            raw = base64.b64decode(path.read_text(encoding="ascii"), validate=True)
            return Signer(Ed25519PrivateKey.from_private_bytes(raw))
        except (OSError, ValueError):
            raise UsageError(f"{path}: the signing key is damaged; restore it from a backup") from None
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(base64.b64encode(raw).decode())
    signer = Signer(key)
    (home / "signing_key.pub").write_text(signer.public_key + "\n", encoding="ascii")
    return signer
