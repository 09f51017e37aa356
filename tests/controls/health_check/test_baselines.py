"""Health Check baselines: read with every complaint at once, and made into packs that verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.controls.health_check.baseline import parse_baseline
from passmuster.controls.health_check.pack_files import standard_files
from passmuster.controls.health_check.words import words
from passmuster.controls.load import load_pack
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.evaluate.verify import verify_pack
from passmuster.pipeline.health_check_packs import import_health_check

# The vendor's standard baseline as an organisation of 2026 exports it, values retyped.
STANDARD = Path(__file__).with_name("standard_baseline.xml")
PACK = Path(__file__).parents[3] / "packs" / "salesforce-health-check"


def baseline(body: str, section: str = "highRiskSecuritySettings") -> bytes:
    return f'<baseline name="House rules" developerName="House">\n<{section}>{body}</{section}>\n</baseline>'.encode()


def test_the_pack_that_ships_is_the_standard_baseline() -> None:
    files = standard_files(parse_baseline(STANDARD.read_bytes(), "standard_baseline.xml"))
    assert {str(path.relative_to(PACK)) for path in PACK.rglob("*") if path.is_file()} == set(files)
    assert [name for name, text in files.items() if (PACK / name).read_text(encoding="utf-8") != text] == []


def test_every_setting_of_the_standard_baseline_is_known() -> None:
    read = parse_baseline(STANDARD.read_bytes(), "standard_baseline.xml")
    assert len(read.wanted) == 45
    assert read.unknown == ()
    ids = [word.id for word in words().values()]
    assert len(ids) == len(set(ids))


def test_no_label_of_ours_reads_as_a_secret() -> None:
    for word in words().values():
        assert mask_secrets(word.label) == word.label


HOUSE = (
    '<numericRangeSetting name="PasswordPolicies.minPasswordLength" compliant="14.0" warning="10.0"/>'
    '<enumSetting name="SessionSettings.timeout" compliant="FifteenMinutes" critical="TwoHours"/>'
    '<booleanSetting name="SessionSettings.lockSessionsToIp" compliant="false" nonCompliant="warning"/>'
    '<booleanSetting name="NewGroup.settingOfALaterRelease" compliant="true" nonCompliant="critical"/>'
    '<numericRangeSetting name="CertificateAndKeyManagement.expiredCert" compliant="2.0" warning="5.0"/>'
)


def test_a_baseline_of_ones_own_becomes_a_pack_that_verifies(tmp_path: Path) -> None:
    source = tmp_path / "baseline.xml"
    source.write_bytes(baseline(HOUSE))
    made = import_health_check(source, tmp_path / "pack")
    assert (made.pack_id, made.controls, made.unknown) == (
        "health-check-house",
        5,
        ("NewGroup.settingOfALaterRelease",),
    )
    pack = load_pack(tmp_path / "pack", is_trusted=False)
    assert {control.id for control in pack.controls} == {
        "SFHC.PASSWORD.MINIMUM_LENGTH",
        "SFHC.SESSION.TIMEOUT",
        "SFHC.SESSION.LOCK_TO_IP",
        "SFHC.OTHER.NEWGROUP_SETTINGOFALATERRELEASE",
        "SFHC.CERTIFICATES.EXPIRED",
    }
    assert [
        complaint
        for verified in verify_pack(load_pack(tmp_path / "pack", is_trusted=True))
        for complaint in verified.complaints
    ] == []
    lines = (tmp_path / "pack" / "SFHC.PASSWORD.MINIMUM_LENGTH" / "control.yaml").read_text(encoding="utf-8")
    assert "value: 14" in lines


def test_the_section_is_the_severity() -> None:
    for section, severity in (
        *(("highRiskSecuritySettings", "high"), ("mediumRiskSecuritySettings", "medium")),
        *(("lowRiskSecuritySettings", "low"), ("informationalSecuritySettings", "info")),
    ):
        (first, *_) = parse_baseline(baseline(HOUSE, section), "b.xml").wanted
        assert first.severity == severity


SETTING = '<booleanSetting name="SessionSettings.csrfGet" compliant="true" nonCompliant="critical"/>'
REFUSED = {
    "another document": (b"<profile/>", "not <baseline>"),
    "no XML": (b"name,value\n", "is not XML"),
    "an entity": (b'<!DOCTYPE b [<!ENTITY e "v">]><baseline>&e;</baseline>', "document type"),
    "nothing in it": (b'<baseline name="x"/>', "holds no setting"),
    "a category nobody knows": (baseline(SETTING, "extremeRiskSecuritySettings"), "none of the four risk categories"),
    "an element nobody knows": (baseline('<regexSetting name="A.bcd" compliant="x"/>'), "is no setting of a baseline"),
    "a name that is none": (
        baseline(SETTING.replace("SessionSettings.csrfGet", "x'; drop table keys; --")),
        "is no setting",
    ),
    "an attribute nobody knows": (baseline(SETTING.replace("/>", ' weight="9"/>')), "'weight' is not known"),
    "a boolean that is none": (baseline(SETTING.replace('"true"', '"maybe"')), "compliant must be true or false"),
    "no judgement": (baseline(SETTING.replace(' nonCompliant="critical"', "")), "nonCompliant must be"),
    "the wrong kind": (
        baseline('<numericRangeSetting name="SessionSettings.csrfGet" compliant="1.0"/>'),
        "a setting of another kind",
    ),
    "a number that is none": (
        baseline('<numericRangeSetting name="PasswordPolicies.history" compliant="many" warning="1.0"/>'),
        "is no number",
    ),
    "a number past all sense": (
        baseline('<numericRangeSetting name="CertificateAndKeyManagement.expiredCert" compliant="99999999"/>'),
        "more than the 1000",
    ),
    "half a certificate": (
        baseline('<numericRangeSetting name="CertificateAndKeyManagement.expiredCert" compliant="0.5"/>'),
        "no whole number",
    ),
    "laxer than its warning": (
        baseline('<numericRangeSetting name="PasswordPolicies.minPasswordLength" compliant="6.0" warning="8.0"/>'),
        "laxer than warning",
    ),
    "a word nobody knows": (
        baseline('<enumSetting name="SessionSettings.timeout" compliant="TwoHours,Forever"/>'),
        "'Forever' is no value",
    ),
    "one word in two places": (
        baseline('<enumSetting name="SessionSettings.timeout" compliant="TwoHours" critical="TwoHours"/>'),
        "stands twice",
    ),
    "one setting twice": (baseline(SETTING * 2), "SessionSettings.csrfGet stands twice"),
}


@pytest.mark.parametrize(("data", "words_of_it"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_and_nothing_is_written(
    data: bytes, words_of_it: str, tmp_path: Path
) -> None:
    source = tmp_path / "baseline.xml"
    source.write_bytes(data)
    with pytest.raises(UnreadableInput, match=r"baseline\.xml") as refused:
        import_health_check(source, tmp_path / "pack")
    assert words_of_it in str(refused.value)
    assert not (tmp_path / "pack").exists()


def test_all_complaints_come_at_once() -> None:
    bad = SETTING.replace('"true"', '"maybe"') + '<enumSetting name="SessionSettings.timeout" compliant="Never"/>'
    with pytest.raises(UnreadableInput) as refused:
        parse_baseline(baseline(bad), "b.xml")
    assert "csrfGet" in str(refused.value)
    assert "timeout" in str(refused.value)


def test_a_file_far_too_large_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "baseline.xml"
    source.write_bytes(b" " * 300_000)
    with pytest.raises(UnreadableInput, match="larger than"):
        import_health_check(source, tmp_path / "pack")


def test_a_folder_that_is_full_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine").write_text("x")
    with pytest.raises(OutputRefused):
        import_health_check(STANDARD, tmp_path / "pack")
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["mine"]
