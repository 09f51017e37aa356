"""Power Platform from exported tables of the CoE starter kit: made from the kit's own solution files, all invented."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import assert_conforms, assert_repeatable
from tests.collect.power_platform_tenant import DEFAULT, KIT, PRODUCTION, TENANT

ENVIRONMENT = (
    "admin_environmentid,admin_environmentname,admin_displayname,admin_environmentsku,admin_environmentdeleted"
)


def collect(path: Path) -> CollectionResult:
    result = PowerPlatformConnector().collect(Target(path=path))
    assert_conforms(result)
    return result


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


def test_the_example_is_an_inventory_of_one_tenant() -> None:
    result = collect(KIT)
    assert_repeatable(PowerPlatformConnector(), Target(path=KIT))
    assert result.platform_id == f"power-platform:{TENANT}"
    read = {name for name in TABLES if status(result, name) == "ok"}
    assert read == {"platforms", "environments", "apps", "connectors", "connections"}
    assert {row["kind"] for row in result.tables["apps"].rows} == {"app", "workflow", "bot"}
    assert "Deleted app" not in {row["name"] for row in result.tables["apps"].rows}
    assert "Old trial" not in {row["name"] for row in result.tables["environments"].rows}
    assert status(result, "settings") == status(result, "data_policies") == "unsupported"


def test_links_lead_to_the_platforms_own_ids() -> None:
    result = collect(KIT)
    apps = {row["name"]: row for row in result.tables["apps"].rows}
    assert apps["Invoice intake"]["environment_id"] == DEFAULT
    assert apps["Claims assistant"]["environment_id"] == PRODUCTION
    owners = {row["principal_id"]: row for row in result.tables["principals"].rows}
    assert owners[apps["Expense notes"]["owner_principal_id"]]["display_name"] == "Tom Vries"
    assert owners[apps["Expense notes"]["owner_principal_id"]]["is_enabled"] is False


def test_what_only_part_of_the_folder_tells_is_partial(tmp_path: Path) -> None:
    shutil.copytree(KIT, tmp_path / "kit")
    (tmp_path / "kit" / "admin_flows.json").unlink()
    result = collect(tmp_path / "kit")
    assert status(result, "apps") == "partial"
    assert "the folder holds no admin_flow" in result.tables["apps"].reason
    assert status(result, "environments") == "ok"


def test_one_table_alone_is_read(tmp_path: Path) -> None:
    result = collect(KIT / "admin_environments.csv")
    assert status(result, "environments") == "ok"
    assert status(result, "apps") == "unsupported"


def test_columns_may_have_their_english_names(tmp_path: Path) -> None:
    text = (
        "Name,Display Name,Environment Sku,Has the environment been deleted?\n"
        f"{DEFAULT},House,Default,No\nx,Gone,Trial,Yes\n"
    )
    result = collect(write(tmp_path / "kit", "Environments.csv", text))
    (row,) = result.tables["environments"].rows
    assert (row["environment_id"], row["name"], row["kind"]) == (DEFAULT, "House", "default")


def test_columns_in_another_language_are_not_understood_and_never_empty(tmp_path: Path) -> None:
    text = f"Name der Umgebung,Anzeigename,Art\n{DEFAULT},Haus,Standard\n"
    result = collect(write(tmp_path / "kit", "admin_environments.csv", text))
    assert status(result, "environments") == "error"
    assert "logical column names" in result.tables["environments"].reason


def test_numbers_with_a_word_behind_them_are_read_as_the_word(tmp_path: Path) -> None:
    shown = "admin_flowstate@OData.Community.Display.V1.FormattedValue"
    rows = [{"admin_flowid": "f1", "admin_displayname": "A", "admin_flowstate": 597910001, shown: "Suspended"}]
    result = collect(write(tmp_path / "kit", "admin_flows.json", json.dumps({"value": rows})))
    assert [row["is_active"] for row in result.tables["apps"].rows] == [False]


def test_one_page_of_several_is_partial(tmp_path: Path) -> None:
    document = {
        "@odata.nextLink": "https://example.org/next",
        "value": [{"admin_environmentid": "e", "admin_environmentname": "e1"}],
    }
    result = collect(write(tmp_path / "kit", "admin_environments.json", json.dumps(document)))
    assert status(result, "environments") == "partial"
    assert "one page of several" in result.tables["environments"].reason


def test_rows_of_several_tenants_are_refused_by_name(tmp_path: Path) -> None:
    text = f"{ENVIRONMENT}\na,Default-aaaa,A,Default,false\nb,Default-bbbb,B,Default,false\n"
    with pytest.raises(UnreadableInput, match=r"several tenants \(aaaa, bbbb\)"):
        collect(write(tmp_path / "kit", "admin_environments.csv", text))


def test_a_table_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit", "admin_environments.csv", f"{ENVIRONMENT}\n")
    write(folder, "environments (1).csv", f"{ENVIRONMENT}\n")
    with pytest.raises(UnreadableInput, match="both the table admin_environment"):
        collect(folder)


def test_a_folder_with_a_scubagear_export_beside_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit", "admin_environments.csv", f"{ENVIRONMENT}\n")
    write(folder, "ProviderSettingsExport.json", "{}")
    with pytest.raises(UnreadableInput, match="and a ScubaGear export"):
        collect(folder)


def test_every_broken_file_is_told_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit", "admin_environments.csv", f"{ENVIRONMENT}\na,b\n")
    write(folder, "admin_apps.json", '{"value": [')
    with pytest.raises(UnreadableInput) as caught:
        collect(folder)
    assert "admin_environments.csv" in str(caught.value)
    assert "admin_apps.json" in str(caught.value)


def test_tables_of_another_product_are_errors(tmp_path: Path) -> None:
    result = collect(write(tmp_path / "kit", "sys_user.csv", "sys_id,user_name\n1,admin\n"))
    assert {status(result, name) for name in TABLES} == {"error"}


def test_names_that_two_rows_have_lead_to_neither(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "kit",
        "admin_environments.csv",
        f"{ENVIRONMENT}\nk1,e1,Same,Sandbox,false\nk2,e2,Same,Sandbox,false\n",
    )
    write(folder, "admin_flows.csv", "admin_flowid,admin_displayname,admin_flowenvironment\nf1,One,Same\nf2,Two,k2\n")
    result = collect(folder)
    places = {row["name"]: row["environment_id"] for row in result.tables["apps"].rows}
    assert places == {"One": None, "Two": "e2"}
    assert any("lead to rows that are not in the folder" in warning for warning in result.warnings)


def test_ten_thousand_flows_are_read_once_each(tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    folder.mkdir()
    with (folder / "admin_flows.csv").open("w", encoding="utf-8", newline="") as stream:
        writer: Any = csv.writer(stream)
        writer.writerow(["admin_flowid", "admin_displayname", "admin_flowstate"])
        writer.writerows([f"f{number}", f"Flow {number}", "Started"] for number in range(10_000))
    result = PowerPlatformConnector().collect(Target(path=folder))
    assert len(result.tables["apps"].rows) == 10_000
