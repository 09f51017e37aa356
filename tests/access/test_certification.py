from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from passmuster.access.campaign import read_answers, read_campaign
from passmuster.cli.command_line import command
from passmuster.errors import IncompleteRead, PassmusterError, UnreadableInput, UsageError
from passmuster.pipeline.certifying import (
    Certification,
    Freezing,
    attest,
    freeze_access,
    import_answer,
    read_certification,
    verify_access,
)
from passmuster.snapshot.registers import read_registers
from tests.making import NOW, Rows, make_snapshot

_LATER = NOW + timedelta(days=20)
_TODAY = NOW + timedelta(days=10)


def _person(name: str, **told: Any) -> dict[str, Any]:
    usual = {"kind": "human", "is_enabled": True, "login": f"{name}@example.org", "display_name": name.title()}
    return {"principal_id": name, **usual, "last_sign_in_at": NOW - timedelta(days=3), **told}


_TABLES: dict[str, list[dict[str, Any]]] = {
    "environments": [
        {"environment_id": "prod", "name": "Production", "owner_principal_id": "olga"},
        {"environment_id": "test", "name": "Test", "owner_principal_id": "olga"},
    ],
    "apps": [{"app_id": "crm", "name": "CRM", "owner_principal_id": "carl"}],
    "principals": [
        _person("olga"),
        _person("carl"),
        _person("dave", last_sign_in_at=NOW - timedelta(days=200), mfa="none"),
        _person("lena", employment_ended_at=NOW - timedelta(days=30)),
        _person("gina", kind="guest", is_external=True, has_expiry=False, sponsor="carl"),
        _person("tom"),
        {"principal_id": "bot", "kind": "service", "display_name": "Bot =1+1 _x0041_"},
    ],
    "groups": [
        {"group_id": "makers", "name": "Makers", "kind": "security"},
        {"group_id": "inner", "name": "Inner", "kind": "team"},
        {"group_id": "all", "name": "Everyone", "kind": "everyone"},
    ],
    "memberships": [
        {"group_id": "makers", "member_kind": "group", "member_id": "inner"},
        {"group_id": "inner", "member_kind": "principal", "member_id": "tom"},
    ],
    "roles": [
        {"role_id": "admin", "name": "Administrator", "is_privileged": True},
        {"role_id": "maker", "name": "Maker", "is_privileged": False},
        {"role_id": "deployer", "name": "Deployer", "is_privileged": False},
        {"role_id": "reader", "name": "Reader", "is_privileged": False},
    ],
    "role_inclusions": [{"role_id": "admin", "included_role_id": "maker"}],
    "role_permissions": [
        {"role_id": "maker", "permission": "write", "capability": "author_code", "effect": "allow"},
        {"role_id": "deployer", "permission": "ship", "capability": "deploy", "effect": "allow"},
        {"role_id": "admin", "permission": "users", "capability": "manage_users", "effect": "allow"},
    ],
    "grants": [
        {"grant_id": "1", "subject_kind": "principal", "subject_id": "dave", "role_id": "admin"}
        | {"object_kind": "environment", "object_id": "prod", "environment_id": "prod", "has_expiry": False},
        {"grant_id": "2", "subject_kind": "principal", "subject_id": "dave", "role_id": "admin"}
        | {"object_kind": "environment", "object_id": "test", "environment_id": "test", "has_expiry": False},
        {"grant_id": "3", "subject_kind": "principal", "subject_id": "lena", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "4", "subject_kind": "principal", "subject_id": "gina", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "5", "subject_kind": "group", "subject_id": "makers", "role_id": "maker"}
        | {"object_kind": "environment", "object_id": "prod", "environment_id": "prod"},
        {"grant_id": "6", "subject_kind": "principal", "subject_id": "tom", "role_id": "deployer"}
        | {"object_kind": "environment", "object_id": "prod", "environment_id": "prod"},
        {"grant_id": "7", "subject_kind": "group", "subject_id": "all", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "8", "subject_kind": "principal", "subject_id": "bot", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "9", "subject_kind": "principal", "subject_id": "carl", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "10", "subject_kind": "principal", "subject_id": "gone", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm"},
        {"grant_id": "11", "subject_kind": "principal", "subject_id": "tom", "role_id": "reader"}
        | {"object_kind": "app", "object_id": "crm", "expires_at": NOW - timedelta(days=1)},
    ],
}


def _without(*grants: str, **more: list[dict[str, Any]]) -> Rows:
    rows = [row for row in _TABLES["grants"] if row["grant_id"] not in grants]
    return {**_TABLES, "grants": rows, **more}


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    make_snapshot(tmp_path / "before", _TABLES)
    freeze_access(tmp_path / "before", tmp_path / "campaign", Freezing(reviewer="sigrid@example.org"))
    return tmp_path / "campaign"


Decide = Callable[[Mapping[str, str]], tuple[str | None, str | None]]


def _keep(row: Mapping[str, str]) -> tuple[str, str]:
    return ("keep", f"needed for the work of {row['Person']}")


def _answered(
    campaign: Path, reviewer: str, decide: Decide = _keep, *, by: str | None = None, on: Any = date(2026, 6, 5)
) -> Path:
    """The reviewer's workbook as a person would send it back: through another program's writer."""
    (given,) = [path for path in (campaign / "workbooks").iterdir() if path.name.startswith(reviewer)]
    book = openpyxl.load_workbook(given)
    sign, review = book["Sign"], book["Review"]
    for row in sign.iter_rows():
        if row[0].value == "Reviewed by":
            row[1].value = by or reviewer
        if row[0].value == "Reviewed on":
            row[1].value = on
    headings = [str(cell.value) for cell in review[1]]
    for cells in review.iter_rows(min_row=2):
        row = {heading: str(cell.value or "") for heading, cell in zip(headings, cells, strict=True)}
        decision, reason = decide(row)
        cells[headings.index("Decision")].value = decision
        cells[headings.index("Reason")].value = reason
    target = campaign.parent / f"back-{reviewer}.xlsx"
    book.save(target)
    return target


def _altered(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def _take(campaign: Path, path: Path, **more: Any) -> None:
    import_answer(campaign, path, now=_TODAY, **more)


def test_the_population_is_who_holds_what_by_which_path_and_risky_ones_come_first(campaign: Path) -> None:
    items = {(item.person, item.role, item.object): item for item in read_campaign(campaign).items}
    assert set(items) == {
        ("Dave", "Administrator", "Production"),
        ("Dave", "Administrator", "Test"),
        ("Lena", "Reader", "CRM"),
        ("Gina", "Reader", "CRM"),
        ("Tom", "Maker", "Production"),
        ("Tom", "Deployer", "Production"),
        ("Everyone", "Reader", "CRM"),
        ("Bot =1+1 _x0041_", "Reader", "CRM"),
        ("Carl", "Reader", "CRM"),
        ("gone", "Reader", "CRM"),
    }
    assert items["Tom", "Maker", "Production"].path == "through the group Makers"
    assert items["Dave", "Administrator", "Production"].allows == "author_code, manage_users"
    told = {key[0]: item.risks for key, item in items.items() if key[1] != "Maker"}
    assert "left on 2026-05-02" in told["Lena"]
    assert "no such account" in told["gone"]
    assert "nobody answers for" in told["Bot =1+1 _x0041_"]
    assert "standing in 2 environments" in told["Dave"]
    assert "last used on" in told["Dave"]
    assert "signs in with one factor" in told["Dave"]
    assert "into production alone" in told["Tom"]
    assert "without an end date" in told["Gina"]
    assert told["Carl"] == ""
    order = [item.rank for item in read_campaign(campaign).items]
    assert order == sorted(order)


def test_everybody_has_a_reviewer_and_nobody_is_their_own(campaign: Path) -> None:
    by_person = {(item.person, item.object): item.reviewer for item in read_campaign(campaign).items}
    assert by_person["Dave", "Production"] == "olga@example.org"
    assert by_person["Lena", "CRM"] == "carl@example.org"
    # Carl owns the app and cannot confirm himself.
    assert by_person["Carl", "CRM"] == "sigrid@example.org"


def test_without_anybody_else_it_is_refused_with_the_mend(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "before", _TABLES)
    with pytest.raises(UsageError, match=r"1 of 10 entitlements have no reviewer other than their holder.*--reviewer"):
        freeze_access(tmp_path / "before", tmp_path / "campaign", Freezing())
    assert not (tmp_path / "campaign").exists()


def test_the_register_names_reviewers_and_deputies(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "before", _TABLES)
    (tmp_path / "registers").mkdir()
    rows = "scope_kind,scope_id,owner,deputy\napp,crm,Carl,Tom\nrole,deployer,olga@example.org,\n"
    (tmp_path / "registers" / "owners.csv").write_text(rows, encoding="utf-8")
    campaign = freeze_access(tmp_path / "before", tmp_path / "campaign", Freezing(tmp_path / "registers"))
    by_person = {(item.person, item.role): item.reviewer for item in campaign.items}
    # One person gets one workbook, whatever name the register has for them.
    assert by_person["Lena", "Reader"] == "carl@example.org"
    assert by_person["Carl", "Reader"] == "tom@example.org"


@pytest.mark.parametrize("table", ["principals", "grants", "memberships"])
@pytest.mark.parametrize("status", ["partial", "denied", "unsupported", "error"])
def test_a_partial_read_is_never_called_complete(tmp_path: Path, table: str, status: str) -> None:
    make_snapshot(tmp_path / "before", _TABLES, {table: status})
    by = Freezing(reviewer="sigrid")
    with pytest.raises(IncompleteRead, match=f"{table}: {status}"):
        freeze_access(tmp_path / "before", tmp_path / "campaign", by)
    assert not (tmp_path / "campaign").exists()
    if table == "grants":
        return
    campaign = freeze_access(
        tmp_path / "before", tmp_path / "campaign", Freezing(reviewer="sigrid", is_partial_allowed=True)
    )
    assert not campaign.is_complete
    assert table in read_campaign(tmp_path / "campaign").missing[0]


def test_answers_are_taken_in_and_told(campaign: Path) -> None:
    for reviewer in ("olga@example.org", "carl@example.org", "sigrid@example.org"):
        assert not read_certification(campaign).is_answered
        _take(campaign, _answered(campaign, reviewer))
    known = read_certification(campaign)
    assert known.is_answered
    assert {line.decision for line in known.lines} == {"keep"}
    assert {line.reason for line in known.lines if line.item.person == "Carl"} == {"needed for the work of Carl"}


def test_one_altered_cell_is_found_and_nothing_is_taken(campaign: Path) -> None:
    good = _answered(campaign, "carl@example.org")
    sheet = openpyxl.load_workbook(good)["Review"]
    headings = [cell.value for cell in sheet[1]]
    frozen = [heading for heading in headings if heading not in ("Decision", "Reason")]
    for heading in frozen:
        for row in range(2, sheet.max_row + 1):
            cell = f"{openpyxl.utils.get_column_letter(headings.index(heading) + 1)}{row}"
            path = campaign.parent / "altered.xlsx"
            shutil.copy(good, path)
            _altered(path, lambda book, cell=cell: book["Review"].__setitem__(cell, "something else"))
            with pytest.raises(UnreadableInput, match=f"sheet 'Review', cell {cell}: "):
                _take(campaign, path)
    assert not read_answers(campaign)


def _drop_row(book: Any) -> None:
    book["Review"].delete_rows(3)


def _double_row(book: Any) -> None:
    book["Review"].append([cell.value for cell in book["Review"][2]])


def _rename(book: Any) -> None:
    book["Review"]["A1"] = "Name"


def _hide(book: Any) -> None:
    book["Review"].sheet_state = "hidden"


def _formula(book: Any) -> None:
    book["Review"]["A2"] = '="Lena"'


def _other(book: Any) -> None:
    for row in book["Sign"].iter_rows():
        if row[0].value == "Certification":
            row[1].value = "0123"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_drop_row, "1 line(s) are missing, such as"),
        (_double_row, "stands there 2 times"),
        (_rename, "the headings were changed"),
        (_hide, "not both there and visible"),
        (_formula, "sheet 'Review', cell A2: is a formula"),
        (_other, "is of certification 0123"),
    ],
)
def test_a_workbook_that_is_not_whole_is_refused(campaign: Path, change: Callable[[Any], None], words: str) -> None:
    path = _altered(_answered(campaign, "carl@example.org"), change)
    with pytest.raises(UnreadableInput) as caught:
        _take(campaign, path)
    assert words in str(caught.value)
    assert not read_answers(campaign)


def test_every_line_needs_a_decision_and_risky_ones_a_reason(campaign: Path) -> None:
    def decide(row: Mapping[str, str]) -> tuple[str | None, str | None]:
        return {"Lena": ("keep", None), "Gina": ("change", None), "gone": (None, None)}.get(
            row["Person"], ("perhaps", "")
        )

    with pytest.raises(UnreadableInput) as caught:
        _take(campaign, _answered(campaign, "carl@example.org", decide))
    text = str(caught.value)
    assert "orphaned account: left on 2026-05-02: say why it is kept" in text
    assert "say what it is to become" in text
    assert "is empty; decide keep, revoke or change" in text
    assert "'perhaps' is none of keep, revoke, change" in text


def test_only_the_reviewer_signs_and_on_a_day_that_can_be(campaign: Path) -> None:
    for by, on, words in (
        ("Tom", date(2026, 6, 5), "'Tom' signed what was given to 'carl@example.org'"),
        ("carl@example.org", date(2026, 5, 1), "is not between the freeze (2026-06-01) and today"),
        ("carl@example.org", date(2027, 5, 1), "is not between the freeze"),
        ("carl@example.org", "soon", "is no day"),
    ):
        with pytest.raises(UnreadableInput) as caught:
            _take(campaign, _answered(campaign, "carl@example.org", by=by, on=on))
        assert words in str(caught.value)


def test_nobody_confirms_themselves_by_another_of_their_names(tmp_path: Path) -> None:
    people = [*_TABLES["principals"], {"principal_id": "carl2", "kind": "human", "display_name": "carl@example.org"}]
    grants = [*_TABLES["grants"], {**_TABLES["grants"][8], "grant_id": "12", "subject_id": "carl2"}]
    make_snapshot(tmp_path / "before", {**_TABLES, "principals": people, "grants": grants})
    folder = tmp_path / "campaign"
    campaign = freeze_access(tmp_path / "before", folder, Freezing(reviewer="sigrid@example.org"))
    own = [item.reviewer for item in campaign.items if item.person in ("Carl", "carl@example.org")]
    assert "carl@example.org" not in own


def _many(tmp_path: Path) -> Path:
    people = [_person(f"p{number}", last_sign_in_at=NOW - timedelta(days=300)) for number in range(30)]
    grant = {"subject_kind": "principal", "role_id": "reader", "object_kind": "app", "object_id": "crm"}
    grants = [{**grant, "grant_id": f"g{number}", "subject_id": f"p{number}"} for number in range(30)]
    make_snapshot(tmp_path / "many", {**_TABLES, "principals": people, "grants": grants})
    freeze_access(tmp_path / "many", tmp_path / "stamped", Freezing(reviewer="sigrid"))
    return tmp_path / "stamped"


def test_a_rubber_stamp_is_refused_unless_somebody_says_why_not(tmp_path: Path) -> None:
    campaign = _many(tmp_path)
    reviewer = read_campaign(campaign).items[0].reviewer
    path = _answered(campaign, reviewer, lambda _row: ("keep", "ok"))
    with pytest.raises(
        UsageError, match=r"rubber stamp: all 30 lines were kept, 30 of them risky; one reason stands on 30"
    ):
        _take(campaign, path)
    assert not read_answers(campaign)
    _take(campaign, path, despite="seasonal staff, checked with personnel")
    (answer,) = read_answers(campaign).values()
    assert len(answer.doubts) == 2
    assert answer.despite == "seasonal staff, checked with personnel"


def test_a_second_answer_needs_to_be_wanted_and_the_first_is_kept(campaign: Path) -> None:
    first = _answered(campaign, "olga@example.org")
    _take(campaign, first)
    _take(campaign, first)
    second = _answered(campaign, "olga@example.org", lambda row: ("revoke", "no longer needed"))
    with pytest.raises(UsageError, match="answered on 2026-06-05 already"):
        _take(campaign, second)
    import_answer(campaign, second, now=_TODAY + timedelta(minutes=1), is_replacing=True)
    assert len(list((campaign / "returned").glob("*.json"))) == 2
    assert {line.decision for line in read_certification(campaign).lines if line.decision} == {"revoke"}


def test_what_was_frozen_or_answered_cannot_be_changed_quietly(campaign: Path) -> None:
    _take(campaign, _answered(campaign, "olga@example.org"))
    for path in [
        campaign / "campaign.json",
        campaign / "population.parquet",
        *sorted((campaign / "returned").glob("*.xlsx")),
    ]:
        data = path.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 7)):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(PassmusterError):
                read_certification(campaign)
        path.unlink()
        with pytest.raises(PassmusterError):
            read_certification(campaign)
        path.write_bytes(data)
    assert read_certification(campaign).answers


def _decided(campaign: Path) -> None:
    def decide(row: Mapping[str, str]) -> tuple[str, str]:
        if row["Person"] in ("Lena", "gone") or (row["Person"] == "Dave" and row["On"] == "Test"):
            return ("revoke", "")
        return ("change", "only through the group") if row["Role"] == "Deployer" else _keep(row)

    for reviewer in ("olga@example.org", "carl@example.org", "sigrid@example.org"):
        _take(campaign, _answered(campaign, reviewer, decide))


def _verified(campaign: Path, rows: Rows, unreadable: Mapping[str, str] | None = None) -> Certification:
    folder = campaign.parent / "after"
    shutil.rmtree(folder, ignore_errors=True)
    make_snapshot(folder, rows, unreadable, at=_LATER)
    return verify_access(campaign, folder)


def test_the_next_look_proves_revocations_or_names_those_that_did_not_happen(campaign: Path) -> None:
    _decided(campaign)
    known = _verified(campaign, _without("2", "10", "6"))
    outcomes = {(line.item.person, line.item.role, line.item.object): str(line.outcome) for line in known.lines}
    assert outcomes["Dave", "Administrator", "Test"] == "revoked"
    assert outcomes["gone", "Reader", "CRM"] == "revoked"
    assert outcomes["Tom", "Deployer", "Production"] == "changed"
    assert outcomes["Lena", "Reader", "CRM"] == "still there"
    assert outcomes["Carl", "Reader", "CRM"] == "kept"
    assert [line.item.person for line in known.still_held] == ["Lena"]


def test_access_that_came_back_by_another_path_is_still_there(campaign: Path) -> None:
    _decided(campaign)
    group = [{"group_id": "back", "name": "Back door", "kind": "security"}]
    member = [{"group_id": "back", "member_kind": "principal", "member_id": "lena"}]
    rows = _without(
        *("2", "3", "6", "10"),
        groups=[*_TABLES["groups"], *group],
        memberships=[*_TABLES["memberships"], *member],
    )
    grant = {**_TABLES["grants"][2], "grant_id": "13", "subject_kind": "group", "subject_id": "back"}
    known = _verified(campaign, {**rows, "grants": [*rows["grants"], grant]})
    (line,) = known.still_held
    assert (line.item.person, line.detail) == ("Lena", "still held, through the group Back door")


def test_a_look_that_is_not_complete_proves_no_absence(campaign: Path) -> None:
    _decided(campaign)
    known = _verified(campaign, _without("2", "3", "10", "6"), {"memberships": "denied"})
    outcomes = {str(line.outcome) for line in known.lines if line.decision == "revoke"}
    assert outcomes == {"cannot tell"}
    assert known.is_unclear
    with pytest.raises(UsageError, match="attests nothing yet"):
        attest(known, campaign.parent / "registers", valid_days=90, today=date(2026, 6, 20))


def test_only_a_later_look_at_the_same_platform_verifies(campaign: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not later than the freeze"):
        verify_access(campaign, tmp_path / "before")


def test_a_settled_certification_attests_the_control(campaign: Path) -> None:
    _decided(campaign)
    new = {**_TABLES["grants"][8], "grant_id": "14", "subject_id": "olga"}
    rows = _without("2", "3", "10", "6")
    known = _verified(campaign, {**rows, "grants": [*rows["grants"], new]})
    assert known.new == ("Olga: Reader on CRM",)
    folder = campaign.parent / "registers"
    for _ in range(2):
        attest(known, folder, valid_days=90, today=date(2026, 6, 25))
    (row,) = read_registers(folder).tables["attestations"].to_pylist()
    assert (row["control_id"], row["result"], row["kind"]) == ("PRV-13", "met", "review")
    assert row["valid_until"] == datetime(2026, 9, 24)  # noqa: DTZ001 - registers hold UTC without a zone


def test_the_command_line_tells_and_its_exit_codes_say_what_is_left(campaign: Path, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, list(words), standalone_mode=False)
        return (result.return_value or 0 if result.exception is None else 2), result.stdout

    assert run("access", "status", str(campaign))[0] == 3
    code, told = run("access", "status", str(campaign), "--format", "json")
    assert json.loads(told)["summary"]["items"] == 10
    _decided(campaign)
    assert run("access", "status", str(campaign))[0] == 0
    make_snapshot(tmp_path / "late", _without("2", "10", "6"), at=_LATER)
    code, told = run("access", "verify", str(campaign), str(tmp_path / "late"))
    assert code == 1
    assert "still there: Lena (lena@example.org): Reader on CRM; still held, assigned directly" in told
    make_snapshot(tmp_path / "done", _without("2", "3", "10", "6"), at=_LATER)
    assert run("access", "verify", str(campaign), str(tmp_path / "done"))[0] == 0
    code, told = run("access", "status", str(campaign), "--format", "csv")
    assert "'=" not in told.splitlines()[0]
    assert len(told.splitlines()) == 11


def test_nothing_that_a_name_holds_becomes_a_formula_or_another_text(campaign: Path) -> None:
    # Written, saved by another program and read: the comparison with the frozen text would fail otherwise.
    _take(campaign, _answered(campaign, "carl@example.org"))
    (line,) = [line for line in read_certification(campaign).lines if line.item.person.startswith("Bot")]
    assert line.item.person == "Bot =1+1 _x0041_"


def test_a_date_signed_as_text_or_time_counts(campaign: Path) -> None:
    _take(campaign, _answered(campaign, "carl@example.org", on="2026-06-05"))
    _take(
        campaign,
        _answered(campaign, "olga@example.org", on=datetime(2026, 6, 5, 9, 30, tzinfo=UTC).replace(tzinfo=None)),
    )
    assert {answer.signed_on for answer in read_answers(campaign).values()} == {"2026-06-05"}
