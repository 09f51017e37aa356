"""The page of a look and the API tell what was noticed, who did it and by which entry of the platform's log."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest
from django.test import Client

from passmuster.application.looking.kept_notices import keep_notices, notices_of
from passmuster.application.storage.storing import drift_file
from passmuster.errors import UnreadableInput
from passmuster.records.models import Collection
from passmuster.snapshot.noticing import Notice
from tests.keeping import NOW, make_person, make_platform
from tests.web.api.house import caller

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
NOTICES = (
    Notice("new_item", "apps", "f1", "a new workflow: <b>Intake", "Nell", AT, "4711"),
    Notice("changed_sharing", "data_stores", "c", "c is now open", "Otto", AT, "4712", ("Nell", "Ada")),
    Notice(
        "changed_sharing",
        "data_stores",
        "d",
        "d is now open",
        unknown="the log read goes back to 2026-06-01 08:00 UTC",
    ),
    Notice("lost_logging", "log_sources", "l", "the log l was switched off"),
)


def look() -> Collection:
    told = {"started_at": NOW, "state": "done", "store_key": "none", "snapshot_id": secrets.token_hex(16)}
    return Collection.objects.create(platform=make_platform(), **told)


def test_the_page_names_who_did_it_and_says_why_nobody_is_named() -> None:
    kept = look()
    keep_notices(kept, NOTICES)
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    page = client.get(f"/collections/{kept.pk}/").content.decode()
    assert "a new workflow: &lt;b&gt;Intake" in page
    assert "last; before also Nell, Ada" in page
    assert "not known: the log read goes back to 2026-06-01 08:00 UTC" in page
    assert "<code>4711</code>" in page


def test_the_api_tells_the_same_and_only_to_those_of_the_platform() -> None:
    kept = look()
    keep_notices(kept, NOTICES)
    told = caller(make_person("ada", "auditor")).get(f"/api/v1/collections/{kept.pk}/notices").json()
    assert [(each["by"], each["entry"], each["others"], each["unknown"]) for each in told] == [
        (notice.by, notice.entry, list(notice.others), notice.unknown) for notice in NOTICES
    ]
    assert told[0]["at"] == "2026-06-02T08:00:00Z"
    elsewhere = make_person("bo", "reviewer", platform=make_platform("Elsewhere"))
    assert caller(elsewhere).get(f"/api/v1/collections/{kept.pk}/notices").status_code == 404


def test_a_look_nothing_was_noticed_in_shows_no_such_table() -> None:
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    kept = look()
    # Another look had its number, before an older database was restored.
    keep_notices(kept, NOTICES)
    kept.store_key = f"{kept.store_key}-of-another"
    kept.save()
    assert notices_of(kept) == ()
    assert "What the owner was told" not in client.get(f"/collections/{kept.pk}/").content.decode()


def test_as_many_are_kept_as_somebody_reads() -> None:
    kept = look()
    keep_notices(kept, NOTICES * 200)
    assert len(notices_of(kept)) == 500
    assert notices_of(kept)[: len(NOTICES)] == NOTICES


@pytest.mark.parametrize("content", ["{}", "[1]"])
def test_a_damaged_file_is_told_and_never_taken_for_no_notices(content: str) -> None:
    kept = look()
    keep_notices(kept, NOTICES)
    drift_file(kept, "notices").write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableInput, match="damaged"):
        notices_of(kept)
