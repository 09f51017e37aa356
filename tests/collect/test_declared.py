"""Facts that a person declares: reading them, and putting them beside what was collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.declared import apply_declared, read_declared
from passmuster.collect.declared_merge import DERIVED_IDS
from passmuster.errors import UnreadableInput
from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gap, Gathered
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import write_snapshot

SAID = "    said_by: Mara Quint\n    said_at: 2026-11-20\n    source: handbook\n"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
UNSUPPORTED = Gathered(CollectionStatus.UNSUPPORTED, reason="the interface cannot tell")


def written(tmp_path: Path, *facts: str, head: str = "schema: passmuster/declared@1\nfacts:\n") -> Path:
    path = tmp_path / "declared.yaml"
    path.write_text(head + "".join(f"  - {fact}\n{SAID}" for fact in facts), encoding="utf-8")
    return path


def read_one(tmp_path: Path, table: str, row: str) -> Mapping[str, Any]:
    return read_declared(written(tmp_path, f"table: {table}\n    row: {row}"))[0].row


def complaint(path: Path) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read_declared(path)
    return str(caught.value)


def collected(**tables: Gathered | Sequence[Mapping[str, Any]]) -> CollectionResult:
    gathered = {name: of if isinstance(of, Gathered) else Gathered.of(of) for name, of in tables.items()}
    return CollectionResult("node-red:here", "node_red", "here", "node-red", "1", "api", gathered)


def fact(table: str, said_by: str = "Mara Quint", **row: Any) -> DeclaredFact:
    return DeclaredFact(table, row, said_by, NOW, "handbook")


def rows(result: CollectionResult, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in result.tables[table].rows]


def test_a_fact_keeps_who_said_it_when_and_where_it_can_be_looked_up(tmp_path: Path) -> None:
    (read,) = read_declared(
        written(tmp_path, "table: principals\n    row: {login: ivo, kind: human, is_enabled: true}")
    )
    assert (read.table, read.said_by, read.source) == ("principals", "Mara Quint", "handbook")
    assert read.said_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert read.row == {"login": "ivo", "kind": "human", "is_enabled": True}


@pytest.mark.parametrize("spelled", ["null", "never", "~"])
def test_an_end_that_is_given_as_none_means_it_never_ends(tmp_path: Path, spelled: str) -> None:
    row = read_one(tmp_path, "credentials", f"{{name: t, kind: api_key, expires_at: {spelled}}}")
    assert row["has_expiry"] is False
    assert "expires_at" not in row


def test_an_end_that_is_left_out_stays_unknown(tmp_path: Path) -> None:
    assert "has_expiry" not in read_one(tmp_path, "credentials", "{name: t, kind: api_key}")


def test_an_end_that_is_given_means_there_is_one(tmp_path: Path) -> None:
    row = read_one(tmp_path, "credentials", "{name: t, kind: api_key, expires_at: 2027-01-31}")
    assert row["has_expiry"] is True
    assert row["expires_at"] == datetime(2027, 1, 31, tzinfo=UTC)


def test_a_last_sign_in_means_there_was_one(tmp_path: Path) -> None:
    row = read_one(tmp_path, "principals", "{login: ivo, last_sign_in_at: 2026-11-01}")
    assert row["never_signed_in"] is False


def test_times_are_told_in_utc(tmp_path: Path) -> None:
    row = read_one(tmp_path, "credentials", "{name: t, created_at: '2026-03-01T09:00:00+02:00'}")
    assert row["created_at"] == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_all_mistakes_are_told_at_once_with_file_fact_column_and_mend(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "table: people\n    row: {login: a}",
        "table: principals\n    row: {login: b, colour: red, kind: robot, is_enabled: 'yes'}",
        "table: credentials\n    row: {name: t, created_at: 2026-03-01T09:00:00, expires_at: soon}",
        "table: grants\n    row: {role_id: admin}",
    )
    text = complaint(path)
    assert str(path) in text
    for expected in (
        "fact 1: table: people is no table",
        "fact 2: principals.colour: is no column of principals; one of ",
        "fact 2: principals.kind: robot is not in its list; one of human, service",
        "fact 2: principals.is_enabled: must be true or false, not text",
        "fact 3: credentials.created_at: has no time zone; end it with Z",
        "fact 3: credentials.expires_at: soon is no time; write 2026-11-23",
        "fact 4: grants: the row does not say what it is about; give grant_id, or subject_id and role_id",
    ):
        assert expected in text


def test_a_fact_without_anyone_who_answers_for_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "declared.yaml"
    path.write_text(
        "schema: passmuster/declared@1\nfacts:\n  - {table: apps, row: {name: x}}\n  - {table: apps, row: {name: y},"
        " said_by: '', said_at: yesterday, source: z}\n",
        encoding="utf-8",
    )
    text = complaint(path)
    assert "fact 1: said_by: is missing" in text
    assert "fact 1: said_at: is missing" in text
    assert "fact 1: source: is missing" in text
    assert "fact 2: said_by: is missing" in text
    assert "fact 2: said_at: yesterday is no time" in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[]", "the file must be a mapping"),
        ("schema: passmuster/declared@2\nfacts: []", "write `schema: passmuster/declared@1`"),
        ("schema: passmuster/declared@1", "facts: must be a list"),
        ("schema: passmuster/declared@1\nfacts: [3]", "fact 1: must be a mapping"),
        ("schema: passmuster/declared@1\nfacts: []\nowner: me", "owner: is not known here"),
        ("schema: passmuster/declared@1\nfacts: [{table: apps, row: 7}]", "row: must be a mapping of columns of apps"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "declared.yaml"
    path.write_text(content, encoding="utf-8")
    assert expected in complaint(path)


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("credentials", "{name: t, expires_at: 2027-01-01, has_expiry: false}", "contradicts expires_at"),
        ("credentials", "{has_expiry: true, expires_at: never, name: t}", "contradicts expires_at"),
        ("environments", "{name: e, expires_at: never}", "cannot say `never`"),
        ("apps", "{name: a, origin: api}", "is filled in by itself"),
        ("apps", "{name: 12}", "must be text, not a number; put it in quotes"),
        ("apps", "{name: ' '}", "is empty"),
        ("keys", "{key_id: k, size_bits: 2048.5}", "must be a whole number"),
        ("credentials", "{name: t, scopes: read}", "must be a list or a mapping"),
        ("settings", "{key: a.b, scope_kind: role}", "settings.scope_id: is missing"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_mend(
    tmp_path: Path, table: str, row: str, expected: str
) -> None:
    assert expected in complaint(written(tmp_path, f"table: {table}\n    row: {row}"))


def test_a_secret_value_is_refused_and_never_shown(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 4
    text = complaint(written(tmp_path, f"table: credentials\n    row: {{name: {token}, kind: pat}}"))
    assert "looks like a secret value" in text
    assert token not in text


def test_a_row_nobody_collected_is_new_and_declared() -> None:
    result = apply_declared(collected(principals=UNSUPPORTED), [fact("principals", login="ivo", kind="human")])
    assert rows(result, "principals") == [
        {"principal_id": "ivo", "login": "ivo", "kind": "human", "origin": "declared"}
    ]


def test_a_table_the_interface_cannot_tell_becomes_readable_and_says_why() -> None:
    result = apply_declared(collected(principals=UNSUPPORTED), [fact("principals", login="ivo")])
    told = result.tables["principals"]
    assert told.status is CollectionStatus.OK
    assert told.reason == "declared by Mara Quint on 2026-11-23 (handbook); the interface cannot tell"


def test_a_table_of_a_feature_that_is_not_licensed_becomes_readable_where_somebody_declares_rows() -> None:
    before = Gathered(CollectionStatus.NOT_LICENSED, reason="the plan has no log streaming")
    result = apply_declared(collected(log_sources=before), [fact("log_sources", kind="admin_audit", is_enabled=True)])
    assert result.tables["log_sources"].status is CollectionStatus.OK


def test_a_table_no_connector_named_counts_as_one_it_cannot_tell() -> None:
    result = apply_declared(collected(), [fact("backups", kind="full", taken_at=NOW)])
    assert result.tables["backups"].status is CollectionStatus.OK


@pytest.mark.parametrize("status", [CollectionStatus.DENIED, CollectionStatus.ERROR, CollectionStatus.PARTIAL])
def test_a_table_that_could_not_be_read_keeps_its_status(status: CollectionStatus) -> None:
    before = Gathered(status, reason="HTTP 403")
    told = apply_declared(collected(principals=before), [fact("principals", login="ivo")]).tables["principals"]
    assert (told.status, told.reason, len(told.rows)) == (status, "HTTP 403", 1)


def test_an_empty_table_with_a_declared_row_is_no_longer_empty() -> None:
    told = apply_declared(collected(credentials=[]), [fact("credentials", name="t")]).tables["credentials"]
    assert told.status is CollectionStatus.OK


@pytest.mark.parametrize("given", [{"principal_id": "IVO@Example.org"}, {"login": "ivo@example.org"}, {"login": "7"}])
def test_a_person_is_found_by_id_or_login_in_any_case(given: Mapping[str, str]) -> None:
    known = {"principal_id": "7", "login": "ivo@example.org", "mfa": None}
    result = apply_declared(collected(principals=[known]), [fact("principals", **given, mfa="otp")])
    assert rows(result, "principals") == [{**known, "mfa": "otp"}]


def test_what_the_platform_says_is_never_overruled() -> None:
    known = {"principal_id": "7", "login": "ivo", "is_enabled": True, "mfa": None}
    result = apply_declared(
        collected(principals=[known]), [fact("principals", login="ivo", is_enabled=False, mfa="otp")]
    )
    assert rows(result, "principals") == [{**known, "mfa": "otp"}]
    (warning,) = result.warnings
    assert "principals 7: is_enabled is True by the platform, Mara Quint said False on 2026-11-23" in warning


def test_a_conflict_about_having_an_end_does_not_leave_half_of_it() -> None:
    known = {"credential_id": "1", "name": "t", "has_expiry": False, "expires_at": None}
    declared = fact("credentials", name="t", has_expiry=True, expires_at=NOW)
    assert rows(apply_declared(collected(credentials=[known]), [declared]), "credentials") == [known]


def test_a_row_is_found_by_its_name_where_only_one_has_it() -> None:
    known = [{"app_id": "a", "name": "Bookings"}, {"app_id": "b", "name": "Tides"}]
    result = apply_declared(collected(apps=known), [fact("apps", name="Tides", criticality="high")])
    assert rows(result, "apps") == [known[0], {**known[1], "criticality": "high"}]


def test_a_name_that_several_rows_have_is_not_guessed() -> None:
    known = [{"app_id": "a", "name": "Tides"}, {"app_id": "b", "name": "Tides"}]
    result = apply_declared(collected(apps=known), [fact("apps", name="Tides", criticality="high")])
    assert rows(result, "apps") == known
    assert "not used: several rows are called 'Tides'; give app_id" in result.warnings[0]


def test_people_named_by_login_become_their_ids() -> None:
    people = [{"principal_id": "7", "login": "ivo@example.org"}]
    result = apply_declared(
        collected(principals=people, apps=[{"app_id": "a", "name": "Tides", "owner_principal_id": None}]),
        [fact("apps", name="Tides", owner_principal_id="Ivo@example.org")],
    )
    assert rows(result, "apps")[0]["owner_principal_id"] == "7"


def test_a_reference_to_nobody_known_is_kept_and_told() -> None:
    result = apply_declared(
        collected(apps=[{"app_id": "a", "name": "T"}]), [fact("apps", app_id="a", owner_principal_id="x")]
    )
    assert rows(result, "apps")[0]["owner_principal_id"] == "x"
    assert "owner_principal_id 'x' is not among the principals that are known" in result.warnings[0]


def test_facts_may_refer_to_each_other_in_any_order() -> None:
    facts = [
        fact("grants", subject_id="Ivo", role_id="everything"),
        fact("credentials", name="t", owner_principal_id="ivo"),
        fact("roles", role_id="*", name="everything"),
        fact("principals", login="ivo"),
    ]
    result = apply_declared(collected(), facts)
    assert result.warnings == ()
    (grant,) = rows(result, "grants")
    assert (grant["subject_id"], grant["role_id"], grant["subject_kind"]) == ("ivo", "*", "principal")
    assert (grant["object_kind"], grant["object_id"]) == ("platform", "node-red:here")
    assert rows(result, "credentials")[0]["owner_principal_id"] == "ivo"


def test_two_people_may_have_a_token_of_the_same_name() -> None:
    facts = [fact("credentials", name="ci", owner_principal_id=owner) for owner in ("ivo", "mara")]
    assert len({row["credential_id"] for row in rows(apply_declared(collected(), facts), "credentials")}) == 2


def test_the_same_fact_said_twice_is_one_row_and_a_conflict_keeps_the_first() -> None:
    facts = [
        fact("principals", login="ivo", mfa="otp"),
        fact("principals", "Tomas", login="IVO", mfa="none", kind="human"),
    ]
    result = apply_declared(collected(), facts)
    (row,) = rows(result, "principals")
    assert (row["mfa"], row["kind"]) == ("otp", "human")
    assert "mfa is otp by an earlier declaration, Tomas said none" in result.warnings[0]


def test_a_setting_belongs_to_the_platform_unless_said_otherwise() -> None:
    result = apply_declared(collected(settings=[]), [fact("settings", key="env.TLS", value_bool=False)])
    (row,) = rows(result, "settings")
    assert (row["scope_kind"], row["scope_id"], row["value_kind"]) == ("platform", "node-red:here", "bool")


def test_a_fact_about_the_platform_fills_its_one_row() -> None:
    result = apply_declared(collected(platforms=[{"product": "node_red"}]), [fact("platforms", criticality="high")])
    (row,) = rows(result, "platforms")
    assert (row["product"], row["criticality"]) == ("node_red", "high")


def test_a_gap_closes_only_when_every_row_is_filled() -> None:
    gap = Gap("owner_principal_id", "no owners here")
    apps = Gathered(CollectionStatus.OK, [{"app_id": "a", "name": "A"}, {"app_id": "b", "name": "B"}], gaps=(gap,))
    facts = [fact("apps", app_id="a", owner_principal_id="x"), fact("apps", app_id="b", owner_principal_id="x")]
    assert apply_declared(collected(apps=apps), facts[:1]).tables["apps"].gaps == (gap,)
    assert apply_declared(collected(apps=apps), facts).tables["apps"].gaps == ()


def test_what_was_collected_is_left_untouched() -> None:
    before = collected(apps=[{"app_id": "a", "name": "A"}])
    apply_declared(before, [fact("apps", app_id="a", criticality="low")])
    assert rows(before, "apps") == [{"app_id": "a", "name": "A"}]


def test_facts_are_kept_in_the_snapshot_with_their_origin(tmp_path: Path) -> None:
    facts = read_declared(written(tmp_path, "table: credentials\n    row: {name: t, kind: api_key, expires_at: never}"))
    result = apply_declared(collected(credentials=UNSUPPORTED, platforms=[{"product": "node_red"}]), facts)
    folder = tmp_path / "snapshot"
    folder.mkdir()
    manifest = write_snapshot(result, folder, started_at=NOW, taken_at=NOW)
    assert manifest.declared[0]["said_by"] == "Mara Quint"
    assert open_snapshot(folder).manifest.tables["credentials"].rows == 1


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"platforms"}))
def test_a_row_that_does_not_say_what_it_is_about_is_refused(tmp_path: Path, table: str) -> None:
    telling = (*TABLES[table].key, *DERIVED_IDS.get(table, ()), "platform_id", "origin")
    columns = [column for column in TABLES[table].columns if column.name not in telling]
    column = columns[0] if columns else TABLES[table].column(TABLES[table].key[0])
    value = {"BOOLEAN": "true", "INTEGER": "3", "TIMESTAMP": "2026-01-01", "JSON": "[]"}.get(column.type, "x")
    row = f"{{{column.name}: {column.values[0] if column.values else value}}}"
    assert "does not say what it is about" in complaint(written(tmp_path, f"table: {table}\n    row: {row}"))
