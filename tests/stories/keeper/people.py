"""People as a story has them: what they know (a password) and what they carry (an authenticator app)."""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Somebody:
    """A person outside the keeper."""

    name: str
    email: str
    password: str
    app_secret: str

    def code(self, seconds: float) -> str:
        """What their authenticator app shows at that time (RFC 6238: SHA-1, six digits, thirty seconds)."""
        digest = hmac.digest(base64.b32decode(self.app_secret), struct.pack(">Q", int(seconds) // 30), "sha1")
        (number,) = struct.unpack(">I", digest[(at := digest[-1] & 15) : at + 4])
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


class Refused(Exception):
    """The keeper did not do it; the words are what the person or program is told."""
