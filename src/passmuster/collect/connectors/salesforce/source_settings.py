"""Settings from a folder: one file a feature, flattened to dotted names; and what profiles have of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.metadata import children, flag_of, text_of
from passmuster.collect.connectors.salesforce.reading import Reader
from passmuster.collect.connectors.salesforce.setting_values import Row, count_row, list_row, setting_row
from passmuster.collect.connectors.salesforce.source_roles import Roles
from passmuster.documents.secrets import is_sensitive_name, mask_secrets
from passmuster.snapshot.gathered import Gathered

# Elements that repeat, of all types `...Settings` of the Metadata API: a list also where there is but one of them.
_REPEATING = frozenset(
    """
    activeInfieldStatusCategories activeOnsiteStatusCategories apexLimit automatorConfig businessHours
    canvasLocationOptions canvasOptions caseFeedItemSettings cmsDispositions community countries criteriaSetting
    currency customAttributes dictionary displayedCategoryApiNames dispositions dynamicGantt
    embeddedServiceCustomLabels embeddedServiceCustomizations embeddedServiceMenuItems embeddedServiceResources
    eventLogObjects field forecastedCategoryApiNames forecastingCategoryMappings
    forecastingDisplayedFamilySettings forecastingObjectListLabelMappings forecastingTypeObjectListSettings
    forecastingTypeSettings generalConfig holidays iframeWhiteListUrls ipRanges language
    managerAdjustableCategoryApiNames mappingFields notificationTypes objectMapping objectMappingItem
    objectMappings opportunityListFieldsLabelMappings optimizationSetting ownerAdjustableCategoryApiNames
    realTimeEvents recurrenceDayOfWeek routingAddresses schedulingRecipeSetting searchSettingsByObject
    serviceLegalStatus similarOpportunitiesDisplayColumns similarOpportunitiesMatchFields site soFieldMapping
    states supportedObjects synchronizeSetting tokenIpRanges triggerConfiguration trustedIpRanges
    weightedSourceCategories workOrderLineItemSearchFields workOrderSearchFields
    """.split()
)
_MOST_IN_A_LIST = 1_000
_DEEPEST = 12
_PLATFORM_KIND = "platform"
# Whole numbers of a profile's own password policy, in the words of the organisation's (Metadata API,
# ProfilePasswordPolicy).
_POLICY_KEYS = {
    "lockoutInterval": "lockoutInterval",
    "maxLoginAttempts": "maxLoginAttempts",
    "minimumPasswordLength": "minimumPasswordLength",
    "minimumPasswordLifetime": "minimumPasswordLifetime",
    "obscure": "obscureSecretAnswer",
    "passwordComplexity": "complexity",
    "passwordExpiration": "expiration",
    "passwordHistory": "historyRestriction",
    "passwordQuestion": "questionRestriction",
}
_POLICY_WORDS = {
    "lockoutInterval": {"0": "Forever"},
    "maxLoginAttempts": {"0": "NoLimit"},
    "passwordExpiration": {"0": "Never"},
    "passwordComplexity": {
        "0": "NoRestriction",
        "1": "AlphaNumeric",
        "2": "SpecialCharacters",
        "3": "UpperLowerCaseNumeric",
        "4": "UpperLowerCaseNumericSpecialCharacters",
        "5": "Any3UpperLowerCaseNumericSpecialCharacters",
    },
    "passwordQuestion": {"0": "None", "1": "DoesNotContainPassword"},
}
_SESSION_KEYS = {
    "sessionTimeout": "security.sessionSettings.sessionTimeout",
    "forceLogout": "security.sessionSettings.forceLogoutOnSessionTimeout",
    "requiredSessionLevel": "profile_session.requiredSessionLevel",
    "sessionPersistence": "profile_session.sessionPersistence",
}


def prefix_of(type_name: str) -> str:
    """`SecuritySettings` gives `security`, `OauthOidcSettings` `oauth_oidc`."""
    stem = type_name.removesuffix("Settings") or type_name
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", stem)
    return spaced.lower()


def read_settings(reader: Reader, platform_id: str) -> list[Row]:
    """The rows of the organisation's settings."""
    scope = (_PLATFORM_KIND, platform_id)

    def convert(name: str, root: Element) -> list[Row] | None:
        if not root.tag.endswith("Settings"):
            return None
        return list(settings_of(scope, root, file=name))

    return _unique(row for rows in reader.read("settings", convert).values() for part in rows for row in part)


def settings_table(reader: Reader, rows: list[Row], roles: Roles) -> Gathered:
    """The table `settings`: the organisation's, and those that a profile has in their stead."""
    policies = reader.read("profilePasswordPolicy", lambda _name, root: _policy_rows(root, roles))
    sessions = reader.read("profileSessionSetting", lambda _name, root: _session_rows(root, roles))
    own = [row for found in (policies, sessions) for parts in found.values() for part in parts for row in part]
    states = [reader.parts["settings"].state()]
    states += [
        state for state in reader.states("profilePasswordPolicy", "profileSessionSetting") if own or _told(state)
    ]
    return Gathered.from_sources(_unique([*rows, *own]), tuple(states))


def _told(state: Any) -> bool:
    """Whether the absence of a profile's own settings is more than their not being there."""
    return state.status.value not in ("unsupported", "ok")


def settings_of(scope: tuple[str, str], root: Element, *, file: str) -> Iterator[Row]:
    """Every leaf of a settings file as a row, and the counts that stand for lists."""
    prefix = prefix_of(root.tag)
    yield from _leaves(scope, root, prefix, f"{file}.settings", 0)
    network = root.find("networkAccess")
    if network is not None:
        path = f"{file}.settings networkAccess"
        if network.find("ipRanges") is None:
            yield list_row(scope, f"{prefix}.networkAccess.ipRanges", [], native_path=path)
        ranges = len(network.findall("ipRanges"))
        yield count_row(scope, f"{prefix}.networkAccess.ipRangeCount", ranges, native_path=path)
    if root.tag == "FileUploadAndDownloadSecuritySettings":
        hybrid = sum(
            1
            for entry in root.findall("dispositions")
            if flag_of(entry, "securityRiskFileType") and (text_of(entry, "behavior") or "").upper() == "HYBRID"
        )
        path = f"{file}.settings dispositions"
        yield count_row(scope, f"{prefix}.hybridSecurityRiskFileTypes", hybrid, native_path=path)


def _leaves(scope: tuple[str, str], element: Element, key: str, path: str, depth: int) -> Iterator[Row]:
    if depth > _DEEPEST:
        return
    by_name: dict[str, list[Element]] = {}
    for child in children(element):
        by_name.setdefault(child.tag, []).append(child)
    for name, found in by_name.items():
        inner, native = f"{key}.{name}", f"{path} {name}" if depth == 0 else f"{path}.{name}"
        if is_sensitive_name(name) and len(found) > 1:
            continue
        if name == "preferences" and found[0].find("settingName") is not None:
            yield from _preferences(scope, found, key, native)
        elif name in _REPEATING or len(found) > 1:
            values = [_value(child, 0) for child in found[:_MOST_IN_A_LIST]]
            yield list_row(scope, inner, values, native_path=native)
        elif len(found[0]):
            yield from _leaves(scope, found[0], inner, native, depth + 1)
        elif text := (found[0].text or "").strip():
            row = setting_row(scope, inner, text, native_path=native)
            if row is not None:
                yield row


def _preferences(scope: tuple[str, str], found: list[Element], key: str, path: str) -> Iterator[Row]:
    """Settings of older releases (OrgPreferenceSettings): a name and a value each."""
    for entry in found:
        name, text = text_of(entry, "settingName"), text_of(entry, "settingValue")
        row = setting_row(scope, f"{key}.{name}", text, native_path=f"{path}.{name}") if name and text else None
        if row is not None:
            yield row


def _value(element: Element, depth: int) -> Any:
    """An element of a list: its text, or its children by name; what a secret's name announces is left out."""
    inner = list(children(element))
    if not inner:
        return mask_secrets((element.text or "").strip())
    if depth > _DEEPEST:
        return None
    return {child.tag: _value(child, depth + 1) for child in inner if not is_sensitive_name(child.tag)}


def _policy_rows(root: Element, roles: Roles) -> list[Row] | None:
    """The password policy of a profile, under the names of the organisation's."""
    profile = text_of(root, "profile")
    if root.tag != "ProfilePasswordPolicy" or not profile or flag_of(root, "isDisabled"):
        return [] if root.tag == "ProfilePasswordPolicy" and profile else None
    scope = ("role", roles.profile_id(unquote(profile)))
    rows = []
    for name, key in _POLICY_KEYS.items():
        text = text_of(root, name)
        if text is not None:
            word = _POLICY_WORDS.get(name, {}).get(text, text)
            path = f"ProfilePasswordPolicy.{name}"
            rows.append(setting_row(scope, f"security.passwordPolicies.{key}", word, native_path=path))
    return [row for row in rows if row is not None]


def _session_rows(root: Element, roles: Roles) -> list[Row] | None:
    """The session settings of a profile, under the names of the organisation's where there are such."""
    profile = text_of(root, "profile")
    if root.tag != "ProfileSessionSetting" or not profile:
        return None
    scope = ("role", roles.profile_id(unquote(profile)))
    rows = []
    for name, key in _SESSION_KEYS.items():
        text = text_of(root, name)
        if text is not None:
            rows.append(setting_row(scope, key, text, native_path=f"ProfileSessionSetting.{name}"))
    return [row for row in rows if row is not None]


def _unique(rows: Any) -> list[Row]:
    """One row a setting and scope: where two packages differ, the later one by its path, as on deploying."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        found[(row["scope_kind"], row["scope_id"], row["key"])] = row
    return list(found.values())
