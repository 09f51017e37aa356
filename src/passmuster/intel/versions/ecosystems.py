"""Versions of package ecosystems that have an order of their own."""

from __future__ import annotations

from typing import Any

from packaging.version import InvalidVersion, Version
from univers.versions import AlpineLinuxVersion, DebianVersion, MavenVersion, RpmVersion, RubygemsVersion

from passmuster.intel.versions.key import Key
from passmuster.intel.versions.wording import bare

_LONGEST = 200


def pep440_key(text: str) -> Key | None:
    """Order of PEP 440; None where it is no such version."""
    try:
        return Key("pep440", (Version(bare(text)),)) if len(text) <= _LONGEST else None
    except InvalidVersion:
        return None


def maven_key(text: str) -> Key | None:
    """Order of Maven; None where it is no such version."""
    return _univers("maven", MavenVersion, text)


def deb_key(text: str) -> Key | None:
    """Order of Debian packages; None where it is no such version."""
    return _univers("deb", DebianVersion, text)


def rpm_key(text: str) -> Key | None:
    """Order of RPM packages; None where it is no such version."""
    return _univers("rpm", RpmVersion, text)


def apk_key(text: str) -> Key | None:
    """Order of Alpine packages; None where it is no such version."""
    return _univers("apk", AlpineLinuxVersion, text)


def gem_key(text: str) -> Key | None:
    """Order of Ruby gems; None where it is no such version."""
    return _univers("gem", RubygemsVersion, text)


def _univers(family: str, kind: Any, text: str) -> Key | None:
    plain = text.strip()
    # Any text at all passes for a Maven version; one without a digit tells no order.
    if len(plain) > _LONGEST or not any(letter.isdecimal() for letter in plain):
        return None
    try:
        return Key(family, (kind(plain),))
    except Exception:  # its errors have no common class, and some are bare
        return None
