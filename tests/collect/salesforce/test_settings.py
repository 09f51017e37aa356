"""Settings from folders: enumerations as numbers with units, words that are not known left as words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.salesforce.source_settings import prefix_of
from tests.collect.conformance import assert_conforms
from tests.collect.salesforce.folders import D, collected, profile, rows, setting, status, xml

SECURITY = f"{D}/settings/Security.settings-meta.xml"


def security(path: str, value: str) -> str:
    """A security file with one value at a dotted path."""
    body = value
    for step in reversed(path.split(".")):
        body = f"<{step}>{body}</{step}>"
    return xml("SecuritySettings", body)


# Every word of these enumerations in the Metadata API's WSDL (version 66), with what it means.
WORDS: list[tuple[str, str, int | None, str]] = [
    *(
        ("sessionSettings.sessionTimeout", word, minutes, "minutes")
        for word, minutes in (
            *(("FifteenMinutes", 15), ("ThirtyMinutes", 30), ("SixtyMinutes", 60), ("NinetyMinutes", 90)),
            *(("TwoHours", 120), ("FourHours", 240), ("EightHours", 480), ("TwelveHours", 720)),
            ("TwentyFourHours", 1440),
        )
    ),
    *(
        ("passwordPolicies.expiration", word, days, "days")
        for word, days in (
            *(("ThirtyDays", 30), ("SixtyDays", 60), ("NinetyDays", 90), ("SixMonths", 180), ("OneYear", 365)),
            ("Never", None),
        )
    ),
    *(
        ("passwordPolicies.lockoutInterval", word, minutes, "minutes")
        for word, minutes in (("FifteenMinutes", 15), ("ThirtyMinutes", 30), ("SixtyMinutes", 60), ("Forever", None))
    ),
    *(
        ("passwordPolicies.maxLoginAttempts", word, attempts, "count")
        for word, attempts in (("ThreeAttempts", 3), ("FiveAttempts", 5), ("TenAttempts", 10), ("NoLimit", None))
    ),
]


@pytest.mark.parametrize(("path", "word", "number", "unit"), WORDS, ids=[f"{word[0]} {word[1]}" for word in WORDS])
def test_words_become_numbers_with_units(path: str, word: str, number: int | None, unit: str, tmp_path: Path) -> None:
    result = collected(tmp_path, {SECURITY: security(path, word)})
    assert_conforms(result)
    row = setting(result, f"security.{path}")
    assert (row.get("value_int"), row["value_text"], row["unit"]) == (number, word, unit)
    assert row["native_path"] == f"Security.settings {path}"


@pytest.mark.parametrize("path", sorted({path for path, *_ in WORDS}))
def test_a_word_of_a_later_release_stays_a_word(path: str, tmp_path: Path) -> None:
    row = setting(collected(tmp_path, {SECURITY: security(path, "ElevenFortnights")}), f"security.{path}")
    assert (row.get("value_int"), row["value_text"]) == (None, "ElevenFortnights")


VALUES: list[tuple[str, str, dict[str, Any]]] = [
    ("passwordPolicies.minimumPasswordLength", "12", {"value_int": 12, "unit": "chars"}),
    ("passwordPolicies.historyRestriction", "3", {"value_int": 3, "unit": "count"}),
    ("passwordPolicies.complexity", "AlphaNumeric", {"value_kind": "enum", "value_text": "AlphaNumeric"}),
    ("passwordPolicies.obscureSecretAnswer", "true", {"value_kind": "bool", "value_bool": True}),
    ("sessionSettings.requireHttpOnly", "false", {"value_kind": "bool", "value_bool": False}),
    ("sessionSettings.somethingNew", "true", {"value_kind": "bool", "value_bool": True}),
    ("enableAdminLoginAsAnyUser", "TRUE", {"value_kind": "bool", "value_bool": True}),
]


@pytest.mark.parametrize(("path", "text", "expected"), VALUES, ids=[value[0] for value in VALUES])
def test_values_are_typed(path: str, text: str, expected: dict[str, Any], tmp_path: Path) -> None:
    row = setting(collected(tmp_path, {SECURITY: security(path, text)}), f"security.{path}")
    assert {name: row.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("type_name", "prefix"),
    [
        ("SecuritySettings", "security"),
        ("OauthOidcSettings", "oauth_oidc"),
        ("MyDomainSettings", "my_domain"),
        ("FileUploadAndDownloadSecuritySettings", "file_upload_and_download_security"),
        ("EACSettings", "eac"),
        ("IoTSettings", "io_t"),
        ("OrgPreferenceSettings", "org_preference"),
    ],
)
def test_prefixes_follow_the_type(type_name: str, prefix: str) -> None:
    assert prefix_of(type_name) == prefix


def test_preferences_of_older_releases_are_settings_by_their_name(tmp_path: Path) -> None:
    one = "<preferences><settingName>{}</settingName><settingValue>{}</settingValue></preferences>"
    body = one.format("ChatterEnabled", "true") + one.format("LoginForensicsEnabled", "false")
    result = collected(tmp_path, {"src/settings/OrgPreference.settings": xml("OrgPreferenceSettings", body)})
    assert setting(result, "org_preference.ChatterEnabled")["value_bool"] is True
    assert setting(result, "org_preference.LoginForensicsEnabled")["value_bool"] is False


def ranges(count: int) -> str:
    one = "<ipRanges><description>Office</description><end>192.0.2.9</end><start>192.0.2.1</start></ipRanges>"
    return xml("SecuritySettings", f"<networkAccess>{one * count}</networkAccess>")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_list_is_a_list_however_many_it_holds(count: int, tmp_path: Path) -> None:
    result = collected(tmp_path, {SECURITY: ranges(count)})
    listed = json.loads(setting(result, "security.networkAccess.ipRanges")["value_json"])
    assert len(listed) == setting(result, "security.networkAccess.ipRangeCount")["value_int"] == count
    assert all(entry["start"] == "192.0.2.1" for entry in listed)


def test_a_profile_has_a_policy_of_its_own(tmp_path: Path) -> None:
    policy = (
        "<lockoutInterval>0</lockoutInterval><maxLoginAttempts>0</maxLoginAttempts><passwordExpiration>0</passwordExpiration>"
        "<minimumPasswordLength>5</minimumPasswordLength><passwordComplexity>0</passwordComplexity>"
        "<profile>sales user</profile>"
    )
    session = "<profile>Sales User</profile><sessionTimeout>720</sessionTimeout><forceLogout>false</forceLogout>"
    result = collected(
        tmp_path,
        {
            SECURITY: security("passwordPolicies.maxLoginAttempts", "ThreeAttempts"),
            f"{D}/profiles/Sales User.profile-meta.xml": profile("X"),
            f"{D}/profilePasswordPolicies/PT1.profilePasswordPolicy-meta.xml": xml("ProfilePasswordPolicy", policy),
            f"{D}/profileSessionSettings/PS1.profileSessionSetting-meta.xml": xml("ProfileSessionSetting", session),
        },
    )
    own = {row["key"]: row for row in rows(result, "settings") if row["scope_id"] == "profile/Sales User"}
    attempts = own["security.passwordPolicies.maxLoginAttempts"]
    assert (attempts.get("value_int"), attempts["value_text"]) == (None, "NoLimit")
    assert own["security.passwordPolicies.lockoutInterval"]["value_text"] == "Forever"
    assert own["security.passwordPolicies.expiration"]["value_text"] == "Never"
    assert own["security.passwordPolicies.complexity"]["value_text"] == "NoRestriction"
    assert own["security.passwordPolicies.minimumPasswordLength"]["value_int"] == 5
    timeout = own["security.sessionSettings.sessionTimeout"]
    assert (timeout["value_int"], timeout["unit"]) == (720, "minutes")


def test_a_broken_settings_file_leaves_the_others(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            SECURITY: "<SecuritySettings>",
            f"{D}/settings/MyDomain.settings-meta.xml": xml("MyDomainSettings", "<useEdge>true</useEdge>"),
        },
    )
    assert status(result, "settings") == "partial"
    assert setting(result, "my_domain.useEdge")["value_bool"] is True


def test_no_secret_of_a_settings_file_is_kept(tmp_path: Path) -> None:
    body = "<clientSecret>canary-one-9f8e7d6c5b4a</clientSecret><list><apiKey>canary-two-9f8e</apiKey></list>" * 2
    result = collected(tmp_path, {f"{D}/settings/Odd.settings-meta.xml": xml("OddSettings", f"{body}<a>1</a>")})
    assert_conforms(result, canaries=["canary-one", "canary-two"])


def test_without_event_settings_nothing_is_said_of_logs(tmp_path: Path) -> None:
    assert status(collected(tmp_path, {SECURITY: ranges(1)}), "log_sources") == "unsupported"
