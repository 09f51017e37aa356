"""A Health Check baseline as Salesforce exports it: four risk categories, each with settings and the values it wants.

```xml
<baseline name="..." developerName="...">
  <highRiskSecuritySettings>
    <booleanSetting name="SessionSettings.requireHttpOnly" compliant="true" nonCompliant="critical"/>
    <numericRangeSetting name="PasswordPolicies.minPasswordLength" compliant="8.0" warning="6.0"/>
    <enumSetting name="PasswordPolicies.lockoutInterval" compliant="SixtyMinutes" warning="FifteenMinutes"/>
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from passmuster.controls.health_check.words import Word, words
from passmuster.documents.xml_file import parse_xml
from passmuster.errors import UnreadableInput

MAX_BYTES = 256 * 1024
SEVERITIES = {
    "highRiskSecuritySettings": "high",
    "mediumRiskSecuritySettings": "medium",
    "lowRiskSecuritySettings": "low",
    "informationalSecuritySettings": "info",
}
_SHAPES = {"booleanSetting": "bool", "numericRangeSetting": "number", "enumSetting": "enum"}
_ATTRIBUTES = {
    "bool": frozenset({"name", "compliant", "nonCompliant"}),
    "number": frozenset({"name", "compliant", "warning", "critical"}),
    "enum": frozenset({"name", "compliant", "warning", "critical"}),
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,60}\.[A-Za-z][A-Za-z0-9]{1,80}")
_MOST = {"count": 1_000, "days": 36_500, "bits": 65_536, "chars": 1_000}
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,4})?")


@dataclass(frozen=True)
class Wanted:
    """What a baseline wants of one setting. `word` is None for a setting this version of Passmuster does not know."""

    name: str
    severity: str
    shape: str
    compliant: tuple[str, ...]
    warning: tuple[str, ...] = ()
    critical: tuple[str, ...] = ()
    word: Word | None = None

    @property
    def number(self) -> float:
        """The compliant number of a range."""
        return float(self.compliant[0])


@dataclass(frozen=True)
class Baseline:
    """A baseline as it was read."""

    name: str
    developer_name: str
    wanted: tuple[Wanted, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Settings that are not known here, which a person has to look at."""
        return tuple(wanted.name for wanted in self.wanted if wanted.word is None)


def parse_baseline(data: bytes, where: str) -> Baseline:
    """A baseline from its XML; raises UnreadableInput with every complaint at once."""
    root = parse_xml(data, where)
    if root.tag != "baseline":
        raise UnreadableInput(
            f"{where}: begins with <{root.tag[:40]}>, not <baseline>; export the baseline in Setup, Health Check"
        )
    complaints: list[str] = []
    found: list[Wanted] = []
    for section in root:
        if not isinstance(section.tag, str):
            continue
        severity = SEVERITIES.get(section.tag)
        if severity is None:
            complaints.append(f"<{section.tag[:40]}> is none of the four risk categories")
            continue
        found += [wanted for entry in section if (wanted := _wanted(entry, severity, complaints))]
    complaints += _twins(found)
    if not found and not complaints:
        complaints.append("holds no setting")
    if complaints:
        raise UnreadableInput(f"{where}: {'; '.join(complaints[:20])}; export the baseline anew and change only values")
    name = (root.get("name") or "").strip()[:80] or "Health Check baseline"
    return Baseline(name, (root.get("developerName") or "").strip()[:80], tuple(found))


def _wanted(entry: Element, severity: str, complaints: list[str]) -> Wanted | None:
    if not isinstance(entry.tag, str):
        return None
    name = entry.get("name") or ""
    shape = _SHAPES.get(entry.tag)
    if shape is None or not _NAME.fullmatch(name):
        complaints.append(f"<{entry.tag[:40]} name={name[:60]!r}> is no setting of a baseline")
        return None
    word = words().get(name)
    own = _complaints_about(entry, shape, word)
    if own:
        complaints += [f"{name}: {complaint}" for complaint in own]
        return None
    compliant, warning, critical = (_words(entry.get(part)) for part in ("compliant", "warning", "critical"))
    if shape == "bool":
        warning, critical = ((), ()) if entry.get("nonCompliant") == "critical" else (("other",), ())
        compliant = (compliant[0].lower(),)
    return Wanted(name, severity, shape, compliant, warning, critical, word)


def _complaints_about(entry: Element, shape: str, word: Word | None) -> list[str]:
    found = [f"the attribute {name[:40]!r} is not known" for name in sorted(set(entry.keys()) - _ATTRIBUTES[shape])]
    if word is not None and word.shape != shape:
        return [*found, f"is told as {entry.tag}, and is a setting of another kind"]
    compliant = _words(entry.get("compliant"))
    if not compliant:
        found.append("has no compliant value")
    elif shape == "bool":
        if len(compliant) != 1 or compliant[0].lower() not in ("true", "false"):
            found.append("compliant must be true or false")
        if entry.get("nonCompliant") not in ("warning", "critical"):
            found.append("nonCompliant must be warning or critical")
    elif shape == "number":
        found += _number_complaints(entry, word)
    else:
        found += _enum_complaints(entry, word)
    return found


def _number_complaints(entry: Element, word: Word | None) -> list[str]:
    values = {part: entry.get(part) for part in ("compliant", "warning", "critical") if entry.get(part) is not None}
    bad = [f"{part} {value!r:.30} is no number" for part, value in values.items() if not _NUMBER.fullmatch(value or "")]
    if not bad and not float(values["compliant"] or 0).is_integer():
        bad = [f"compliant {values['compliant']} is no whole number"]
    if not bad and word is not None and float(values["compliant"] or 0) > _MOST[word.unit]:
        bad = [f"compliant {values['compliant']} is more than the {_MOST[word.unit]} that make sense"]
    if bad or "warning" not in values:
        return bad
    compliant, warning = float(values["compliant"] or 0), float(values["warning"] or 0)
    if word is not None and (compliant < warning) is word.more_is_better and compliant != warning:
        return [f"compliant {compliant:g} is laxer than warning {warning:g}"]
    return []


def _enum_complaints(entry: Element, word: Word | None) -> list[str]:
    values = [value for part in ("compliant", "warning", "critical") for value in _words(entry.get(part))]
    bad = [f"{value[:40]!r} is no value of it" for value in values if word is not None and value not in word.options]
    bad += [f"{value[:40]!r} is no word" for value in values if word is None and not value.isalnum()]
    bad += [f"{value!r} stands twice" for value in sorted({value for value in values if values.count(value) > 1})]
    return bad


def _twins(found: list[Wanted]) -> list[str]:
    names = [wanted.name for wanted in found]
    return [f"{name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]


def _words(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())
