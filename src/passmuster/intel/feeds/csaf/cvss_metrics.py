"""The metrics of CVSS as JSON documents spell them, beside their short form in a vector (first.org/cvss)."""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    """`short` is its name in a vector; `words` maps the long values to the short ones."""

    short: str
    words: dict[str, str]


def _words(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


_CIA_2 = _words("NONE=N PARTIAL=P COMPLETE=C")
_REQUIREMENT_2 = _words("LOW=L MEDIUM=M HIGH=H NOT_DEFINED=ND")
V2 = {
    "accessVector": Metric("AV", _words("NETWORK=N ADJACENT_NETWORK=A LOCAL=L")),
    "accessComplexity": Metric("AC", _words("HIGH=H MEDIUM=M LOW=L")),
    "authentication": Metric("Au", _words("MULTIPLE=M SINGLE=S NONE=N")),
    "confidentialityImpact": Metric("C", _CIA_2),
    "integrityImpact": Metric("I", _CIA_2),
    "availabilityImpact": Metric("A", _CIA_2),
    "exploitability": Metric("E", _words("UNPROVEN=U PROOF_OF_CONCEPT=POC FUNCTIONAL=F HIGH=H NOT_DEFINED=ND")),
    "remediationLevel": Metric(
        "RL", _words("OFFICIAL_FIX=OF TEMPORARY_FIX=TF WORKAROUND=W UNAVAILABLE=U NOT_DEFINED=ND")
    ),
    "reportConfidence": Metric("RC", _words("UNCONFIRMED=UC UNCORROBORATED=UR CONFIRMED=C NOT_DEFINED=ND")),
    "collateralDamagePotential": Metric(
        "CDP", _words("NONE=N LOW=L LOW_MEDIUM=LM MEDIUM_HIGH=MH HIGH=H NOT_DEFINED=ND")
    ),
    "targetDistribution": Metric("TD", _words("NONE=N LOW=L MEDIUM=M HIGH=H NOT_DEFINED=ND")),
    "confidentialityRequirement": Metric("CR", _REQUIREMENT_2),
    "integrityRequirement": Metric("IR", _REQUIREMENT_2),
    "availabilityRequirement": Metric("AR", _REQUIREMENT_2),
}

_UNSAID = {"NOT_DEFINED": "X"}
_BASE_3 = {
    "attackVector": Metric("AV", _words("NETWORK=N ADJACENT_NETWORK=A LOCAL=L PHYSICAL=P")),
    "attackComplexity": Metric("AC", _words("HIGH=H LOW=L")),
    "privilegesRequired": Metric("PR", _words("HIGH=H LOW=L NONE=N")),
    "userInteraction": Metric("UI", _words("NONE=N REQUIRED=R")),
    "scope": Metric("S", _words("UNCHANGED=U CHANGED=C")),
    "confidentialityImpact": Metric("C", _words("NONE=N LOW=L HIGH=H")),
    "integrityImpact": Metric("I", _words("NONE=N LOW=L HIGH=H")),
    "availabilityImpact": Metric("A", _words("NONE=N LOW=L HIGH=H")),
}
_REQUIREMENTS = {
    f"{name}Requirement": Metric(short, _words("LOW=L MEDIUM=M HIGH=H NOT_DEFINED=X"))
    for name, short in (("confidentiality", "CR"), ("integrity", "IR"), ("availability", "AR"))
}


def _modified(base: dict[str, Metric]) -> dict[str, Metric]:
    """The metrics again as an environment changes them."""
    return {
        f"modified{name[0].upper()}{name[1:]}": Metric(f"M{metric.short}", metric.words | _UNSAID)
        for name, metric in base.items()
    }


V3 = {
    **_BASE_3,
    "exploitCodeMaturity": Metric("E", _words("UNPROVEN=U PROOF_OF_CONCEPT=P FUNCTIONAL=F HIGH=H NOT_DEFINED=X")),
    "remediationLevel": Metric("RL", _words("OFFICIAL_FIX=O TEMPORARY_FIX=T WORKAROUND=W UNAVAILABLE=U NOT_DEFINED=X")),
    "reportConfidence": Metric("RC", _words("UNKNOWN=U REASONABLE=R CONFIRMED=C NOT_DEFINED=X")),
    **_REQUIREMENTS,
    **_modified(_BASE_3),
}

_VULNERABLE = {
    f"vuln{name}Impact": Metric(f"V{name[0]}", _words("NONE=N LOW=L HIGH=H"))
    for name in ("Confidentiality", "Integrity", "Availability")
}
_BASE_4 = {
    "attackVector": Metric("AV", _words("NETWORK=N ADJACENT=A LOCAL=L PHYSICAL=P")),
    "attackComplexity": Metric("AC", _words("HIGH=H LOW=L")),
    "attackRequirements": Metric("AT", _words("NONE=N PRESENT=P")),
    "privilegesRequired": Metric("PR", _words("HIGH=H LOW=L NONE=N")),
    "userInteraction": Metric("UI", _words("NONE=N PASSIVE=P ACTIVE=A")),
    **_VULNERABLE,
}
_SUBSEQUENT = {
    f"sub{name}Impact": Metric(f"S{name[0]}", _words("NONE=N LOW=L HIGH=H"))
    for name in ("Confidentiality", "Integrity", "Availability")
}
_SAFETY = {"SAFETY": "S"}
V4 = {
    **_BASE_4,
    **_SUBSEQUENT,
    "exploitMaturity": Metric("E", _words("UNREPORTED=U PROOF_OF_CONCEPT=P ATTACKED=A NOT_DEFINED=X")),
    **_REQUIREMENTS,
    **_modified(_BASE_4),
    "modifiedSubConfidentialityImpact": Metric("MSC", _words("NEGLIGIBLE=N LOW=L HIGH=H NOT_DEFINED=X")),
    "modifiedSubIntegrityImpact": Metric("MSI", _words("NEGLIGIBLE=N LOW=L HIGH=H NOT_DEFINED=X") | _SAFETY),
    "modifiedSubAvailabilityImpact": Metric("MSA", _words("NEGLIGIBLE=N LOW=L HIGH=H NOT_DEFINED=X") | _SAFETY),
    "Safety": Metric("S", _words("NEGLIGIBLE=N PRESENT=P NOT_DEFINED=X")),
    "Automatable": Metric("AU", _words("NO=N YES=Y NOT_DEFINED=X")),
    "Recovery": Metric("R", _words("AUTOMATIC=A USER=U IRRECOVERABLE=I NOT_DEFINED=X")),
    "valueDensity": Metric("V", _words("DIFFUSE=D CONCENTRATED=C NOT_DEFINED=X")),
    "vulnerabilityResponseEffort": Metric("RE", _words("LOW=L MODERATE=M HIGH=H NOT_DEFINED=X")),
    "providerUrgency": Metric("U", _words("CLEAR=Clear GREEN=Green AMBER=Amber RED=Red NOT_DEFINED=X")),
}

METRICS = {"cvss_v2": V2, "cvss_v3": V3, "cvss_v4": V4}
VERSIONS = {"cvss_v2": ("2.0",), "cvss_v3": ("3.0", "3.1"), "cvss_v4": ("4.0",)}
