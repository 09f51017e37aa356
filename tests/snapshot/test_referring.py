from __future__ import annotations

import pytest

from passmuster.snapshot.referring import table_referred_to


@pytest.mark.parametrize(
    ("table", "column", "row", "other"),
    [
        ("apps", "environment_id", {}, "environments"),
        ("apps", "owner_principal_id", {}, "principals"),
        ("apps", "error_handler_app_id", {}, "apps"),
        ("apps", "modified_by", {}, "principals"),
        ("role_inclusions", "included_role_id", {}, "roles"),
        ("grants", "subject_id", {"subject_kind": "group"}, "groups"),
        ("grants", "object_id", {"object_kind": "data_store"}, "data_stores"),
        ("data_policy_rules", "ref_id", {"rule_kind": "connector"}, "connectors"),
        # Not told of what, no id of a row, a word of a closed list, ids that say nothing alone.
        ("grants", "subject_id", {}, None),
        ("data_policy_rules", "ref_id", {"rule_kind": "tenant"}, None),
        ("platforms", "external_id", {}, None),
        ("data_flows", "derived_by", {}, None),
        ("app_steps", "next_step_ids", {}, None),
        ("apps", "name", {}, None),
    ],
)
def test_a_column_of_ids_tells_whose_they_are(table: str, column: str, row: dict[str, str], other: str | None) -> None:
    assert table_referred_to(table, column, row) == other
