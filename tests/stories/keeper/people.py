"""People as a story has them: what they know (a password) and what they carry (an authenticator app)."""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass, field

from tests.stories.keeper.clock import Clock


@dataclass(frozen=True)
class Somebody:
    """A person outside the keeper."""

    name: str
    email: str
    password: str
    app_secret: str
    _used: list[int] = field(default_factory=list, compare=False)

    def fresh_code(self, clock: Clock) -> str:
        """A code they have not used yet: each counts once, and who is quick waits for the app's next one."""
        while self._used and int(clock.seconds()) // 30 <= self._used[-1]:
            clock.go_on(seconds=30)
        seen = clock.seconds()
        self._used.append(int(seen) // 30)
        return self.code(seen)

    def code(self, seconds: float) -> str:
        """What their authenticator app shows at that time (RFC 6238: SHA-1, six digits, thirty seconds)."""
        digest = hmac.digest(base64.b32decode(self.app_secret), struct.pack(">Q", int(seconds) // 30), "sha1")
        (number,) = struct.unpack(">I", digest[(at := digest[-1] & 15) : at + 4])
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


class Refused(Exception):
    """The keeper did not do it; the words are what the person or program is told."""
