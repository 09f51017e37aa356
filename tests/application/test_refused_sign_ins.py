from __future__ import annotations

from datetime import timedelta

import pytest

from passmuster.application.people.refused_sign_ins import Refused, network_of, note_refused, settle_refused
from passmuster.records.models import AuditEvent, SignInTally
from tests.keeping import NOW, make_person

pytestmark = pytest.mark.usefixtures("db")


def _events() -> list[tuple[str, str, int]]:
    rows = AuditEvent.objects.order_by("number")
    return [(event.action, event.after["account"], event.after["count"]) for event in rows]


def test_a_flood_of_tries_is_two_events_an_account_and_quarter_of_an_hour() -> None:
    otto = make_person("otto")
    for second in range(400):
        note_refused(Refused.FIRST_STEP, otto, address=f"203.0.{second % 9}.7", now=NOW + timedelta(seconds=second))
        note_refused(Refused.FIRST_STEP, None, address="2001:db8::1", now=NOW + timedelta(seconds=second))
    assert settle_refused(NOW + timedelta(minutes=14)) == 0
    assert settle_refused(NOW + timedelta(minutes=15)) == 2
    assert settle_refused(NOW + timedelta(minutes=15)) == 0
    assert sorted(_events()) == sorted(
        (Refused.FIRST_STEP.value, account, count) for account in (otto.email, "nobody") for count in (1, 400)
    )
    last = AuditEvent.objects.order_by("-number").filter(after__account=otto.email)[0]
    assert last.after["networks"] == [f"203.0.{number}.0/24" for number in range(5)]
    assert (last.actor, last.subject_id) == ("somebody not signed in", str(otto.pk))
    assert not SignInTally.objects.exists()
    note_refused(Refused.FIRST_STEP, otto, address=None, now=NOW + timedelta(hours=1))
    assert _events()[-1] == ("sign_in_failed", otto.email, 1)


def test_kinds_are_counted_apart_and_a_persons_count_is_written_when_they_get_in() -> None:
    otto, ada = make_person("otto"), make_person("ada")
    for kind, person in (
        (Refused.FIRST_STEP, otto),
        (Refused.FACTOR, otto),
        (Refused.FACTOR, otto),
        (Refused.FACTOR, ada),
    ):
        note_refused(kind, person, address="", now=NOW)
    assert settle_refused(NOW, otto) == 2
    assert _events()[3:] == [("second_factor_refused", otto.email, 2)]
    assert SignInTally.objects.get().person == ada


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", ""),
        (None, ""),
        ("<script>", ""),
    ],
)
def test_an_address_is_cut_to_a_network_of_many(address: str | None, network: str) -> None:
    assert network_of(address) == network
