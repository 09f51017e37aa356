from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from passmuster.collect.connectors.declared.connector import DeclaredConnector, read_file
from passmuster.collect.connectors.declared.declaration import ASKED
from passmuster.collect.connectors.declared.template import QUESTIONS
from passmuster.collect.interface import Target
from passmuster.controls.catalogue import find_pack
from passmuster.errors import OutputRefused, PassmusterError, UnreadableInput, UsageError
from passmuster.model.control import SettingLook
from passmuster.model.words import CollectionStatus
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.templating import write_template
from tests.collect.conformance import assert_conforms

_SAID = {"said_by": "Olga Owner", "said_at": "2026-11-02", "source": "interview"}


def _twin(path: Path, **tables: Any) -> Path:
    platform = {"name": "Customer portal", "product": "other", "catalogue_id": "mendix", "vendor": "Siemens"}
    given = {
        "platforms": {"known": "complete", **_SAID, "rows": [{**platform, "version": "10.6.0", "hosting": "vendor"}]}
    }
    document = {"schema": "passmuster/declared-platform@1", "tables": {**given, **tables}}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


_FULL: dict[str, Any] = {
    "environments": {"known": "complete", **_SAID, "rows": [{"name": "Production", "kind": "production"}]},
    "principals": {
        "known": "complete",
        **_SAID,
        "note": "from the cloud portal",
        "rows": [
            {"login": "olga@example.org", "kind": "human", "is_enabled": True, "mfa": "otp", "expires_at": "never"},
            {"login": "=cmd|' /C calc'!A0", "kind": "service", "last_sign_in_at": "2026-10-01T08:30:00Z"},
        ],
    },
    "groups": {"known": "nothing there", **_SAID},
    "roles": {
        "known": "complete",
        **_SAID,
        "rows": [{"name": "Administrator", "is_privileged": True, "ip_allow": ["10.0.0.0/8", "192.0.2.1"]}],
    },
    "grants": {
        "known": "complete",
        **_SAID,
        "rows": [{"subject_id": "olga@example.org", "role_id": "Administrator", "granted_at": "2025-01-01"}],
    },
    "settings": {"known": "partly", **_SAID, "rows": [{"key": "csp.enforced", "value_bool": False}]},
    "add_ons": {
        "known": "complete",
        **_SAID,
        "rows": [
            {"name": "SAML", "version": "10.10", "supported_until": "2027-01-31", "permissions": {"scopes": ["a;b"]}}
        ],
    },
    "backups": {"known": "not licensed", **_SAID},
}


def _collect(path: Path) -> Any:
    return DeclaredConnector().collect(Target(path=path))


def test_a_filled_file_becomes_rows_with_ids_names_and_who_said_so(tmp_path: Path) -> None:
    result = _collect(_twin(tmp_path / "it.yaml", **_FULL))
    assert_conforms(result)
    assert result.platform_id == "mendix:customer-portal"
    tables = result.tables
    assert tables["groups"].status is CollectionStatus.EMPTY
    assert tables["settings"].status is CollectionStatus.PARTIAL
    assert tables["backups"].status is CollectionStatus.NOT_LICENSED
    assert tables["apps"].status is CollectionStatus.UNSUPPORTED
    people = tables["principals"]
    assert people.reason == "declared by Olga Owner on 2026-11-02 (interview): from the cloud portal"
    assert people.rows[0]["has_expiry"] is False
    assert people.rows[1]["last_sign_in_at"] == datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
    assert {row["origin"] for table in tables.values() for row in table.rows} == {"declared"}
    (grant,) = tables["grants"].rows
    assert (grant["role_id"], grant["object_kind"]) == ("Administrator", "platform")


def test_out_and_in_again_changes_nothing(tmp_path: Path) -> None:
    first = _twin(tmp_path / "first.yaml", **_FULL)
    for number, (given, made) in enumerate(
        (("first.yaml", "a.xlsx"), ("a.xlsx", "b.yaml"), ("b.yaml", "c.xlsx"), ("c.xlsx", "d.yaml"))
    ):
        write_template(tmp_path / made, path=tmp_path / given)
        assert read_file(tmp_path / made) == read_file(tmp_path / given), number
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()
    assert (tmp_path / "b.yaml").read_bytes() == (tmp_path / "d.yaml").read_bytes()
    results = [_collect(tmp_path / name) for name in ("first.yaml", "a.xlsx", "d.yaml")]
    assert results[0].tables == results[1].tables == results[2].tables
    assert results[0].source_sha256 == hashlib.sha256(first.read_bytes()).hexdigest()


def test_a_platform_of_the_catalogue_without_a_connector_is_read_by_its_own_name(tmp_path: Path) -> None:
    manifest = collect(Collecting("mendix", path=_twin(tmp_path / "it.yaml", **_FULL)), tmp_path / "snapshot")
    assert (manifest.platform_id, manifest.connector) == ("mendix:customer-portal", "declared")
    write_template(tmp_path / "next.xlsx", snapshot=tmp_path / "snapshot")
    before, after = read_file(tmp_path / "it.yaml"), read_file(tmp_path / "next.xlsx", is_draft=True)
    for name, table in before.tables.items():
        kept = after.tables[name]
        assert kept.known is table.known, name
        assert not kept.said_by
        for row in table.rows:
            assert any(row.items() <= again.items() for again in kept.rows), (name, row)


@pytest.mark.parametrize("platform", ["mendix", "Mendix", "power-platform", "other"])
def test_an_empty_template_asks_for_what_is_missing_and_nothing_else(tmp_path: Path, platform: str) -> None:
    for name in ("it.xlsx", "it.yaml"):
        write_template(tmp_path / name, platform=platform)
        with pytest.raises(UnreadableInput) as caught:
            read_file(tmp_path / name)
        # A draft is handed from one form to the other as it is.
        assert read_file(tmp_path / name, is_draft=True).tables["platforms"].rows
        lines = str(caught.value).splitlines()[1:]
        # Only the platform's own row is there, and nobody said how much is known of it.
        assert len(lines) == 1, lines
        assert "1 row(s) are given; choose complete or partly" in lines[0]
        (tmp_path / name).unlink()


def test_the_form_has_a_sheet_a_table_with_the_words_to_choose_from(tmp_path: Path) -> None:
    write_template(tmp_path / "it.xlsx", platform="mendix")
    book = openpyxl.load_workbook(tmp_path / "it.xlsx")
    assert len(book.sheetnames) == len(ASKED) + 2
    sheet = book["Principals"]
    headings = [cell.value for cell in sheet[1]]
    assert {"login", "kind", "mfa", "is enabled", "last sign in at (UTC)", "owner principal", "id"} <= set(headings)
    column = openpyxl.utils.get_column_letter(headings.index("mfa") + 1)
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if str(rule.sqref).startswith(f"{column}2")]
    assert rule.formula1 == '"none,otp,push,phishing_resistant,delegated"'
    assert "delegated" in (rule.prompt or "")


def _altered(tmp_path: Path, cells: dict[tuple[str, str], Any]) -> Path:
    write_template(tmp_path / "good.xlsx", path=_twin(tmp_path / "it.yaml", **_FULL))
    book = openpyxl.load_workbook(tmp_path / "good.xlsx")
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(tmp_path / "altered.xlsx")
    return tmp_path / "altered.xlsx"


def _cell_of(book: Any, sheet: str, heading: str, row: int) -> str:
    headings = [cell.value for cell in book[sheet][1]]
    return f"{openpyxl.utils.get_column_letter(headings.index(heading) + 1)}{row}"


def test_every_mistake_is_named_with_sheet_and_cell_at_once(tmp_path: Path) -> None:
    write_template(tmp_path / "empty.xlsx", platform="other")
    empty = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    mfa = _cell_of(empty, "Principals", "mfa", 2)
    enabled = _cell_of(empty, "Principals", "is enabled", 3)
    created = _cell_of(empty, "Principals", "created at (UTC)", 3)
    version = _cell_of(empty, "Add ons", "version", 2)
    role = _cell_of(empty, "Grants", "role", 2)
    name = _cell_of(empty, "Roles", "name", 2)
    path = _altered(
        tmp_path,
        {
            ("Principals", mfa): "sms",
            ("Principals", enabled): "maybe",
            ("Principals", created): "last spring",
            ("Add ons", version): 10.1,
            ("Grants", role): None,
            ("Roles", name): "token ghp_" + "a" * 36,
            ("Overview", "C3"): "all of it",
            ("Overview", "D4"): None,
        },
    )
    with pytest.raises(UnreadableInput) as caught:
        _collect(path)
    text = str(caught.value)
    for words in (
        f"sheet 'Principals', cell {mfa}: sms is not in its list; one of none, otp",
        f"sheet 'Principals', cell {enabled}: must be true or false",
        f"sheet 'Principals', cell {created}: last spring is no time",
        f"sheet 'Add ons', cell {version}: is a number to the spreadsheet",
        "sheet 'Grants', row 2: the row does not say what it is about; give",
        f"sheet 'Roles', cell {name}: looks like a secret value",
        "sheet 'Overview', cell C3: 'all of it' is not in the list",
        "sheet 'Overview', said_by: is missing",
    ):
        assert words in text, f"{words}\n---\n{text}"
    assert "ghp_a" not in text


def test_sheets_and_headings_that_nobody_knows_are_named(tmp_path: Path) -> None:
    path = _altered(tmp_path, {})
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes of Olga")["A1"] = "hello"
    book["Principals"]["A1"] = "Anmeldename"
    book["Roles"].sheet_state = "hidden"
    book.save(path)
    with pytest.raises(UnreadableInput) as caught:
        _collect(path)
    text = str(caught.value)
    assert "sheet 'Notes of Olga': is not known" in text
    assert "sheet 'Principals', cell A1: 'Anmeldename' is no heading of this sheet; one of" in text
    assert "sheet 'Roles': is hidden; show it" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema: passmuster/declared@1\n", "must begin with `schema: passmuster/declared-platform@1`"),
        ("schema: passmuster/declared-platform@1\ntables: []\n", "tables: must be a mapping"),
        ("schema: passmuster/declared-platform@1\ntables: {people: {}}\n", "tables.people: is not asked for"),
        ("schema: passmuster/declared-platform@1\ntables: {roles: {rows: 3}}\n", "tables.roles.rows: must be a list"),
        (
            "schema: passmuster/declared-platform@1\ntables: {roles: {rows: [x]}}\n",
            "tables.roles, row 1: must be a mapping",
        ),
        (
            "schema: passmuster/declared-platform@1\ntables: {roles: {rows: [{name: a, nme: b}]}}\n",
            "nme: is no column of roles",
        ),
        ("schema: passmuster/declared-platform@1\ntables: {}\n", "platforms: must hold exactly one row"),
    ],
)
def test_mistakes_in_the_yaml_twin_name_their_place(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "it.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        _collect(tmp_path / "it.yaml")
    assert words in str(caught.value)


def test_wrong_usage_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="passmuster template"):
        DeclaredConnector().collect(Target(url="https://x.example.org"))
    with pytest.raises(UnreadableInput, match="is a folder"):
        _collect(tmp_path)
    with pytest.raises(UsageError, match="one of them"):
        write_template(tmp_path / "it.xlsx")
    with pytest.raises(UsageError, match=r"ends with \.xlsx or \.yaml"):
        write_template(tmp_path / "it.ods", platform="mendix")
    with pytest.raises(UsageError, match="is not in the catalogue; one of"):
        write_template(tmp_path / "it.xlsx", platform="word")
    (tmp_path / "it.xlsx").write_text("answers", encoding="utf-8")
    with pytest.raises(OutputRefused, match="name a new file"):
        write_template(tmp_path / "it.xlsx", platform="mendix")
    assert issubclass(OutputRefused, PassmusterError)


def test_the_template_asks_for_every_setting_that_controls_look_for_on_any_vendor() -> None:
    looked_for = {
        rule.key
        for control in find_pack("no-code-baseline").controls
        if not control.platforms or "other" in control.platforms
        for look in control.looks
        if isinstance(look, SettingLook)
        for rule in look.rules
        if not rule.platforms or "other" in rule.platforms
    }
    assert {key for key in looked_for if not key.startswith("tenant.")} == set(QUESTIONS)
