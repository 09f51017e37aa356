"""Signed webhooks, as standardwebhooks.com describes them: HMAC-SHA256 over id, time and body. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from passmuster.errors import UsageError

# Older or younger messages are not believed, so that one that was overheard is soon worthless.
TOLERANCE_S = 300
_SHORTEST = 24
_PREFIX = "whsec_"


class Signed(Enum):
    """Whether a message is signed; the words say what is wrong."""

    YES = "signed"
    LACKS = "the message lacks one of the headers webhook-id, webhook-timestamp, webhook-signature"
    OLD = "the message is older or younger than five minutes; check the clocks, and send it anew"
    WRONG = "the signature does not fit; check the secret on both sides"


def sign(body: bytes, *, secret: str, identity: str, now: datetime) -> dict[str, str]:
    """The headers that sign a body at `now`; `secret` is base64 after `whsec_`, or text of 24 characters and more."""
    stamp = str(int(now.timestamp()))
    return {
        "webhook-id": identity,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_mac(body, secret=secret, identity=identity, stamp=stamp)}",
    }


def is_signed(body: bytes, headers: Mapping[str, str], *, secret: str, now: datetime) -> Signed:
    """Whether the headers (in any case) sign this body with this secret, within five minutes of `now`."""
    told = {name.lower(): value for name, value in headers.items()}
    identity, stamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    given = told.get("webhook-signature", "")
    if not identity or not given or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return Signed.LACKS
    expected = _mac(body, secret=secret, identity=identity, stamp=stamp).encode()
    signatures = [each.partition(",")[2].encode() for each in given.split()[:10] if each.startswith("v1,")]
    # Compared before the time is looked at: only a signed time says anything.
    if not any([hmac.compare_digest(expected, each) for each in signatures]):  # noqa: C419 - all take the same time
        return Signed.WRONG
    return Signed.YES if abs(now.timestamp() - int(stamp)) <= TOLERANCE_S else Signed.OLD


def _mac(body: bytes, *, secret: str, identity: str, stamp: str) -> str:
    signed = f"{identity}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if len(secret) < _SHORTEST:
        raise UsageError(f"the secret of the webhook is shorter than {_SHORTEST} characters; make a longer one")
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise UsageError(f"the secret of the webhook is not base64 after {_PREFIX}") from None
