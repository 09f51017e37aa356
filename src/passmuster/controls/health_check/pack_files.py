"""The files of a pack made from a baseline: one control a setting, with cases that show it passing and failing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from passmuster.controls.health_check.baseline import Baseline, Wanted
from passmuster.controls.health_check.looks import Look, look_of

_DOMAINS = {
    "SFHC.ACCESS": "Who may do what",
    "SFHC.CERTIFICATES": "Certificates",
    "SFHC.CLIENTS": "Clients",
    "SFHC.FILES": "Files",
    "SFHC.GUESTS": "Visitors without sign-in",
    "SFHC.IDENTITY": "Identity",
    "SFHC.NETWORK": "Network",
    "SFHC.OTHER": "Other settings",
    "SFHC.PASSWORD": "Passwords",
    "SFHC.PRIVACY": "Privacy",
    "SFHC.SESSION": "Sessions",
    "SFHC.SHARING": "Sharing",
}
_SECTIONS = {"high": "high risk", "medium": "medium risk", "low": "low risk", "info": "informational"}
_REFERENCES = (
    "https://help.salesforce.com/s/articleView?id=xcloud.security_health_check_score.htm&type=5",
    "https://help.salesforce.com/s/articleView?id=xcloud.security_custom_baseline_file_requirements.htm&type=5",
)


_STANDARD = {
    "id": "salesforce-health-check",
    "version": "1.0.0",
    "title": "Salesforce Health Check: Salesforce Baseline Standard",
    "description": (
        "The settings that Salesforce's own Health Check looks at, with the values and the risk of its standard "
        "baseline, judged from metadata. Titles, reasons and instructions are our own words; settings, values and "
        "risks are the vendor's, read from its exported baseline. A baseline of your own becomes a pack like this one "
        "with passmuster packs import-health-check."
    ),
    "licence": "Apache-2.0; the settings and values they follow are Salesforce's",
    "source": "https://help.salesforce.com/s/articleView?id=xcloud.security_health_check_score.htm&type=5",
}


def standard_files(baseline: Baseline) -> dict[str, str]:
    """The files of the pack that ships, from the vendor's standard baseline."""
    return files_of(baseline, _STANDARD)


def files_of(baseline: Baseline, about: Mapping[str, str]) -> dict[str, str]:
    """Every file of the pack, by its path within the folder; `about` is what pack.yaml says first."""
    files = {
        "pack.yaml": _yaml({**about, "domains": _DOMAINS, "renamed": {}, "retired": []}),
        "params.yaml": "# This pack has no limits of its own: they stand in the baseline.\n{}\n",
    }
    for wanted in baseline.wanted:
        look = look_of(wanted)
        control_id = id_of(wanted)
        files[f"{control_id}/control.yaml"] = _yaml(_control(wanted, control_id, look))
        if look.sql:
            files[f"{control_id}/control.sql"] = look.sql
        files[f"{control_id}/cases.yaml"] = _yaml({"cases": list(look.cases)})
    return files


def id_of(wanted: Wanted) -> str:
    """The control's id: fixed for settings that are known, made from the name for others."""
    if wanted.word is not None:
        return wanted.word.id
    return "SFHC.OTHER." + wanted.name.replace(".", "_").upper()[:50]


def _control(wanted: Wanted, control_id: str, look: Look) -> dict[str, Any]:
    word = wanted.word
    why = word.why if word else "The baseline asks for this setting; what it guards against is told in Salesforce Help."
    where = word.where if word else "Setup > Health Check"
    return {
        "id": control_id,
        "title": _title(look.title),
        "severity": wanted.severity,
        "responsibility": "customer",
        "hosting": "any",
        "platforms": ["salesforce"],
        "rationale": why,
        "check": dict(look.check),
        "remediation": f"{where}. {look.mend}",
        "maps": {"nist_800_53_r5": [word.nist]} if word else {},
        "references": list(_REFERENCES),
        "note": f"Health Check's {wanted.name}, {_SECTIONS[wanted.severity]}. {look.note}".strip(),
    }


def _title(text: str) -> str:
    return text if len(text) <= 140 else f"{text[:137].rstrip()}..."


def _yaml(value: Mapping[str, Any]) -> str:
    """Plain YAML, a key a line; texts and lists are written as JSON, which YAML reads as they are."""
    return "".join(_lines(value, 0))


def _lines(value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    found: list[str] = []
    for key, item in value.items():
        if isinstance(item, str) and "\n" in item:
            block = "".join(f"{pad}  {line}\n" if line else "\n" for line in item.rstrip("\n").split("\n"))
            found.append(f"{pad}{key}: |\n{block}")
        elif isinstance(item, dict) and item and len(json.dumps(item)) > 70:
            found += [f"{pad}{key}:\n", *_lines(item, depth + 1)]
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            found.append(f"{pad}{key}:\n")
            for entry in item:
                first, *rest = _lines(entry, depth + 2)
                found += [f"{pad}  - {first.lstrip()}", *rest]
        else:
            found.append(f"{pad}{key}: {_scalar(item)}\n")
    return found


def _scalar(item: Any) -> str:
    if isinstance(item, str) and _is_plain(item):
        return item
    return json.dumps(item, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the text as itself without quotes."""
    words = text.lower()
    return (
        bool(text)
        and text[0].isalpha()
        and all(letter.isalnum() or letter in " ._/>()-," for letter in text)
        and ": " not in text
        and text == text.strip()
        and words not in ("true", "false", "null", "yes", "no", "on", "off", "none")
    )
