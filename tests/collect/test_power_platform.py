"""The connector for Power Platform: exports as they are, as PowerShell bends them, and as nobody should send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector, tables_of
from passmuster.collect.connectors.power_platform.export_file import tell
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.interface import Target
from passmuster.snapshot.coerce import to_arrow
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import assert_conforms, assert_repeatable
from tests.collect.exports import API, DEFAULT, GOOD, TENANT, collect, environment, export, group, policy, settings

ROOT = Path(__file__).parents[2]
OF_DLP = ("data_policies", "data_policy_rules")
NAMELESS = {"classification": "General", "connectors": [{}]}


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


def setting(result: CollectionResult, key: str) -> Mapping[str, Any]:
    return next(row for row in result.tables["settings"].rows if row["key"] == key)


def rules(result: CollectionResult, kind: str) -> list[Mapping[str, Any]]:
    return [row for row in result.tables["data_policy_rules"].rows if row["rule_kind"] == kind]


def policies(result: CollectionResult) -> list[Mapping[str, Any]]:
    return [row for row in result.tables["data_policies"].rows if row["kind"] == "dlp"]


def test_a_whole_export_fills_five_tables_and_conforms(tmp_path: Path) -> None:
    result = collect(GOOD, tmp_path)
    assert_conforms(result)
    assert_repeatable(PowerPlatformConnector(), Target(path=tmp_path / "export.json"))
    assert result.platform_id == f"power-platform:{TENANT}"
    assert (result.name, result.source_kind, result.product) == ("Invented Ltd", "scubagear", "power_platform")
    assert len(result.source_sha256) == 64
    assert {name for name in TABLES if status(result, name) == "ok"} == {
        "platforms", "settings", "environments", "data_policies", "data_policy_rules",
    }  # fmt: skip
    # ScubaGear's verdicts would answer nothing more beside the settings they were reached from.
    assert {name for name in TABLES if status(result, name) == "unsupported" and not result.tables[name].unlock} == {
        "verdicts"
    }


def test_settings_are_typed_and_keep_their_path(tmp_path: Path) -> None:
    result = collect(export(environment_creation=settings(text="All", none=None, words="null", many=["a"])), tmp_path)
    assert setting(result, "tenant.disablePortalsCreationByNonAdminUsers")["value_bool"] is True
    assert setting(result, "tenant.powerPlatform.licensing.threshold")["value_int"] == 85
    assert setting(result, "tenant.text")["value_text"] == "All"
    assert setting(result, "tenant.many")["value_json"] == ["a"]
    assert setting(result, "tenant.none")["is_set"] is False
    assert setting(result, "tenant.words")["is_set"] is False
    assert setting(result, "tenant.text")["native_path"] == "environment_creation.text"


def test_a_word_that_looks_like_a_boolean_stays_a_word(tmp_path: Path) -> None:
    row = setting(collect(export(environment_creation=settings(word="True")), tmp_path), "tenant.word")
    assert (row["value_kind"], row["value_text"], row.get("value_bool")) == ("text", "True", None)


def test_environments_tell_what_the_export_tells_and_nothing_else(tmp_path: Path) -> None:
    managed = {"protectionLevel": "Standard"}
    listed = [
        environment(DEFAULT, is_default=True, EnvironmentType="Default", CreatedTime="2021-12-13T20:40:14.1749137Z"),
        environment("e2", EnvironmentType="Teams", CommonDataServiceDatabaseType="None", CreatedTime="soon"),
        environment("e3", is_default="False", Internal={"properties": {"governanceConfiguration": managed}}),
    ]
    result = collect(export(environment_list=listed), tmp_path)
    first, second, third = result.tables["environments"].rows
    assert (first["kind"], first["is_default"], first["created_at"].year) == ("default", True, 2021)
    assert (second["kind"], second["has_database"], second["created_at"]) == ("other", False, None)
    assert (third["is_default"], third["governed"], third["has_database"]) == (False, True, None)


def test_data_policies_keep_scope_groups_and_default(tmp_path: Path) -> None:
    words = ("Confidential", "General", "Blocked", "other")
    groups = [group(word, f"{API}{word}") for word in words]
    listed = [
        policy("AllEnvironments", defaultConnectorsClassification="Blocked", lastModifiedTime="2026-01-02T03:04:05Z"),
        policy("ExceptEnvironments", "e2", name="p2", connectorGroups=groups),
        policy("allenvironments", name="p3"),
        policy(None, name="p4"),
    ]
    result = collect(export(dlp_policies=[{"value": listed}]), tmp_path)
    assert [row["scope"] for row in policies(result)] == ["all", "except", "only", None]
    assert policies(result)[0]["default_classification"] == "block"
    assert policies(result)[1]["default_classification"] is None
    assert [row["classification"] for row in rules(result, "connector")] == [
        "business",
        "non_business",
        "blocked",
        None,
    ]
    assert [(row["policy_id"], row["ref_id"]) for row in rules(result, "environment")] == [("p2", "e2")]


def test_policies_without_an_id_or_with_the_same_id_stay_apart(tmp_path: Path) -> None:
    listed = [policy(name=None), policy(name=None), policy(), policy(), policy(name=7)]
    result = collect(export(dlp_policies=[{"value": listed}]), tmp_path)
    assert [row["policy_id"] for row in policies(result)] == ["#1", "#2", "p1", "p1#2", "unnamed"]


def test_a_connector_in_two_groups_of_one_policy_is_told_twice(tmp_path: Path) -> None:
    both = [group("Confidential", f"{API}teams"), group("General", f"{API}teams", f"{API}teams")]
    result = collect(export(dlp_policies=[{"value": [policy(connectorGroups=both)]}]), tmp_path)
    assert_conforms(result)
    assert {(row["classification"], row["ordinal"]) for row in rules(result, "connector")} == {
        ("business", None), ("non_business", 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("disabled", "kind", "value", "is_set"),
    [
        (False, "bool", True, True),
        (True, "bool", False, True),
        ("null", "bool", False, False),
        (None, "bool", False, False),
        ("False", "text", "true", True),
        ("TRUE", "text", "false", True),
    ],
)
def test_tenant_isolation_is_on_only_where_it_is_not_disabled(
    disabled: Any, kind: str, value: Any, is_set: bool, tmp_path: Path
) -> None:
    result = collect(export(tenant_isolation=[{"properties": {"isDisabled": disabled}}]), tmp_path)
    row = setting(result, "tenant_isolation.enabled")
    assert (row["value_kind"], row[f"value_{kind}"], row["is_set"]) == (kind, value, is_set)


def test_excepted_tenants_become_rules_with_their_direction(tmp_path: Path) -> None:
    allowed = [
        {"tenantId": "a", "direction": "@{inbound=True; outbound=True}"},
        {"tenantId": "b", "direction": {"inbound": True, "outbound": False}},
        {"tenantId": "c", "direction": "@{inbound=False; outbound=True}"},
        {"tenantId": "b", "direction": {"outbound": True}},
        {"tenantId": "d"},
    ]
    result = collect(
        export(tenant_isolation=[{"properties": {"isDisabled": False, "allowedTenants": allowed}}]), tmp_path
    )
    assert_conforms(result)
    assert {row["ref_id"]: row["direction"] for row in rules(result, "tenant")} == {
        "a": "both", "b": "both", "c": "outbound", "d": None,
    }  # fmt: skip
    isolation = next(row for row in result.tables["data_policies"].rows if row["kind"] == "tenant_isolation")
    assert (isolation["is_enabled"], isolation["default_classification"]) == (True, "block")


def test_lists_that_collapsed_to_their_one_element_are_read(tmp_path: Path) -> None:
    lone = policy("OnlyEnvironments", environments={"name": DEFAULT}, connectorGroups=group("General", "x"))
    collapsed = export(
        environment_creation=GOOD["environment_creation"][0],
        dlp_policies={"value": lone},
        environment_list=environment(DEFAULT, is_default=True),
        tenant_isolation={"properties": {"isDisabled": False, "allowedTenants": {"tenantId": "a"}}},
    )
    result = collect(collapsed, tmp_path)
    assert setting(result, "tenant.disablePortalsCreationByNonAdminUsers")["value_bool"] is True
    assert [row["ref_id"] for row in result.tables["data_policy_rules"].rows] == [DEFAULT, "x", "a"]
    assert len(result.tables["environments"].rows) == 1


def test_objects_that_became_text_are_read(tmp_path: Path) -> None:
    bent = export(
        environment_creation=settings(
            powerPlatform={"powerApps": "@{disableShareWithEveryone=True; enableGuestsToMake=False}"}
        ),
        tenant_isolation=[{"properties": "@{tenantId=x; isDisabled=True}"}],
    )
    result = collect(bent, tmp_path)
    assert setting(result, "tenant.powerPlatform.powerApps.disableShareWithEveryone")["value_bool"] is True
    assert setting(result, "tenant.powerPlatform.powerApps.enableGuestsToMake")["value_bool"] is False
    assert setting(result, "tenant_isolation.enabled")["value_bool"] is False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_honoured(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(GOOD), encoding=encoding)
    assert status(PowerPlatformConnector().collect(Target(path=tmp_path / "x.json")), "settings") == "ok"


def test_no_data_policy_at_all_is_known(tmp_path: Path) -> None:
    result = collect(export(dlp_policies=[{"value": []}]), tmp_path)
    assert (status(result, "data_policies"), policies(result)) == ("ok", [])


@pytest.mark.parametrize(
    ("change", "table"),
    [({"environment_list": [environment("e2"), {"DisplayName": "x"}]}, "environments"),
     ({"tenant_isolation": [{"properties": {"tenantId": "x"}}]}, "settings"),
     ({"tenant_isolation": [{"id": "x"}]}, "data_policies"),
     ({"environment_list": [environment("e2"), environment("e2", is_default=True)]}, "environments"),
     ({"environment_list": [environment("e\x00"), 5]}, "environments"),
     ({"dlp_policies": [{"value": [policy(), "x"]}]}, "data_policies"),
     ({"dlp_policies": [{"value": [policy()]}, {}, 7]}, "data_policies"),
     ({"dlp_policies": [{"value": [policy("ExceptEnvironments", environments=[{"id": 1}])]}]}, "data_policy_rules"),
     ({"dlp_policies": [{"value": [policy(connectorGroups=["x"])]}]}, "data_policy_rules"),
     ({"dlp_policies": [{"value": [policy(connectorGroups=[NAMELESS])]}]}, "data_policies"),
     ({"tenant_isolation": [{"properties": {"isDisabled": False, "allowedTenants": [{}]}}]}, "data_policy_rules"),
     ({"environment_creation": [*settings(), "x"]}, "settings")],
)  # fmt: skip
def test_what_cannot_be_understood_makes_its_table_partial_and_is_told(
    change: dict[str, Any], table: str, tmp_path: Path
) -> None:
    result = collect(export(**change), tmp_path)
    assert status(result, table) == "partial"
    assert result.tables[table].reason


def test_an_environment_listed_twice_alike_is_told_once(tmp_path: Path) -> None:
    twice = [environment("e2"), environment("e2", Location="europe"), environment(DEFAULT, is_default=True)]
    result = collect(export(environment_list=twice), tmp_path)
    assert_conforms(result)
    assert [row["environment_id"] for row in result.tables["environments"].rows] == ["e2", DEFAULT]
    assert result.tables["environments"].rows[0]["region"] == "europe"


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.just("null"), st.just(DEFAULT),
    st.sampled_from(["@{a=b}", "@{", "@{inbound=True}", "/Date(99999999999999999)/", "/Date(-1)/", "\ud800", "x\x00"]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([
                "value", "name", "environments", "connectorGroups", "connectors", "id", "classification", "properties",
                "isDisabled", "allowedTenants", "tenantId", "direction", "EnvironmentName", "IsDefault", "CreatedTime",
                "Controls", "Control ID", "Result", "PowerPlatform", "powerPlatform", "a.b", "environmentType",
            ]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip
KEYS = [*GOOD, "Results", "Raw", "MetaData"]


@given(st.dictionaries(st.sampled_from(KEYS), anything))
@effort(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_document_whatever_makes_the_connector_fail(document: dict[str, Any]) -> None:
    for name, gathered in tables_of(tell(document), OddParts()).items():
        assert gathered.reason or gathered.status.value == "ok"
        to_arrow(TABLES[name], gathered.rows, platform_id="p", origin="export")


@pytest.mark.parametrize("name", ["power-platform", "power-platform-before"])
def test_the_examples_are_whole(name: str) -> None:
    result = PowerPlatformConnector().collect(Target(path=ROOT / "examples" / name))
    assert_conforms(result)
    assert not result.warnings
    assert [status(result, table) for table in ("settings", "environments", *OF_DLP)] == ["ok"] * 4


def test_the_published_sample_is_read_in_full(shared: Path) -> None:
    result = PowerPlatformConnector().collect(
        Target(path=shared / "data" / "scubagear_sample" / "ProviderSettingsExport.json")
    )
    assert_conforms(result)
    assert not result.warnings
    assert len(result.tables["environments"].rows) == 2
    assert setting(result, "tenant_isolation.enabled")["value_bool"] is True
    assert [row["direction"] for row in rules(result, "tenant")] == ["both"]
