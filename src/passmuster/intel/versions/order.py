"""Ordering versions by scheme: `key_of` to sort, `compare` to hold two against each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from passmuster.intel.versions.builds import microsoft_key
from passmuster.intel.versions.ecosystems import apk_key, deb_key, gem_key, maven_key, pep440_key, rpm_key
from passmuster.intel.versions.key import Branch, Key
from passmuster.intel.versions.named import salesforce_key, servicenow_key
from passmuster.intel.versions.numbers import dotted_key, numbers_of, semver_key, two_numberings_key
from passmuster.intel.versions.scheme import Scheme
from passmuster.intel.versions.wording import means_every, tells_nothing

_LONGEST_KEPT = 100
Reader = Callable[[str], Key | None]

# A store application of a platform with named releases has ordinary numbers: the first reader that can read, does.
_READERS: dict[Scheme, tuple[Reader, ...]] = {
    Scheme.SEMVER: (semver_key,),
    Scheme.PEP440: (pep440_key,),
    Scheme.DOTTED: (dotted_key, servicenow_key, salesforce_key, microsoft_key),
    Scheme.TWO_NUMBERINGS: (two_numberings_key,),
    Scheme.MAVEN: (maven_key,),
    Scheme.DEB: (deb_key,),
    Scheme.RPM: (rpm_key,),
    Scheme.APK: (apk_key,),
    Scheme.GEM: (gem_key,),
    Scheme.SERVICENOW: (servicenow_key, dotted_key),
    Scheme.SALESFORCE: (salesforce_key, dotted_key),
    Scheme.MICROSOFT: (microsoft_key,),
    Scheme.UNORDERED: (),
}


def key_of(version: str, scheme: Scheme) -> Key | None:
    """What to sort `version` by; None where it cannot be ordered."""
    return _read_again(version, scheme) if len(version) <= _LONGEST_KEPT else _read(version, scheme)


def _read(version: str, scheme: Scheme) -> Key | None:
    if tells_nothing(version) or means_every(version):
        return None
    for read in _READERS[scheme]:
        key = read(version)
        if key is not None:
            return key
    return None


# The same few versions are asked about again and again.
_read_again = lru_cache(maxsize=65_536)(_read)


def compare_keys(left: Key | None, right: Key | None) -> int | None:
    """-1, 0 or 1 as `left` comes before, at or after `right`; None where the two are not of one order."""
    if left is None or right is None or left.family != right.family:
        return None
    if left.order == right.order:
        return 0
    return -1 if left.order < right.order else 1


def compare(left: str, right: str, scheme: Scheme) -> int | None:
    """-1, 0 or 1 as `left` comes before, at or after `right`; None where they cannot be ordered."""
    return compare_keys(key_of(left, scheme), key_of(right, scheme))


def branches_of(key: Key) -> tuple[Branch, ...]:
    """The lines of releases a version belongs to, narrowest first, that vendors mend separately."""
    if key.family == "servicenow":
        family, patch, letter, *_ = key.order
        return ((family, patch, letter), (family,))
    if key.family in ("number", "year", "date"):
        return ((*numbers_of(key), 0)[:2],)
    if key.family == "pep440":
        return ((*key.order[0].release, 0)[:2],)
    if key.family == "salesforce":
        return (key.order,)
    return ()
