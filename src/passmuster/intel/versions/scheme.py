"""By whose rules a package numbers its versions."""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """A way to number versions."""

    SEMVER = "semver"
    PEP440 = "pep440"
    DOTTED = "dotted"
    """Numbers with dots, whatever is around them: the fallback, and the word `custom` of CVE records."""
    MAVEN = "maven"
    DEB = "deb"
    RPM = "rpm"
    APK = "apk"
    GEM = "gem"
    SERVICENOW = "servicenow"
    SALESFORCE = "salesforce"
    MICROSOFT = "microsoft"
    """Builds of Business Central and other products of Microsoft: `Application Build 21.16.63199, Platform ...`."""
    TWO_NUMBERINGS = "two_numberings"
    """Releases that have a number and a year (Bonita 10.1 is 2024.2), each in its own order."""
    UNORDERED = "unordered"
    """Commits and the like: equal or not, and no more can be said."""


_WORDS: dict[str, Scheme] = {
    "semver": Scheme.SEMVER,
    "semver2": Scheme.SEMVER,
    "npm": Scheme.SEMVER,
    "nuget": Scheme.SEMVER,
    "go": Scheme.SEMVER,
    "golang": Scheme.SEMVER,
    "crates.io": Scheme.SEMVER,
    "cargo": Scheme.SEMVER,
    "bitnami": Scheme.SEMVER,
    "python": Scheme.PEP440,
    "pep440": Scheme.PEP440,
    "pypi": Scheme.PEP440,
    "maven": Scheme.MAVEN,
    "deb": Scheme.DEB,
    "debian": Scheme.DEB,
    "ubuntu": Scheme.DEB,
    "rpm": Scheme.RPM,
    "red hat": Scheme.RPM,
    "apk": Scheme.APK,
    "alpine": Scheme.APK,
    "gem": Scheme.GEM,
    "rubygems": Scheme.GEM,
    "git": Scheme.UNORDERED,
}


def scheme_named(word: str) -> Scheme | None:
    """The scheme that a record's version type, an ecosystem or a package URL's type names; None for any other word."""
    # Ecosystems carry a release after a colon: `Debian:12`.
    return _WORDS.get(word.strip().casefold().split(":")[0])
