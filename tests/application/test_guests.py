from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from passmuster.application.acting import keeper
from passmuster.application.changes.changes import name_owner
from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.findings.deviations import Wanted, request_deviation
from passmuster.application.findings.finding_work import assign_findings
from passmuster.application.programme.ownership import Thing, set_owner
from passmuster.errors import UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import Change, Evidence, Finding, Person, Platform, Vendor
from tests.application.following import follow, result
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")


def _assign(platform: Platform, otto: Person, vic: Person) -> None:
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""})])
    assign_findings(actor(otto), [Finding.objects.get().pk], vic, why="yours")


def _evidence(platform: Platform, otto: Person, vic: Person) -> None:
    facts = EvidenceFacts("Audit of Acme", EvidenceKind.REPORT, platform=platform.pk, owner=vic.pk)
    add_evidence(actor(otto), [b"%PDF-1.7\nproof"], name="r.pdf", facts=facts)


def _change(platform: Platform, otto: Person, vic: Person) -> None:
    change = Change.objects.create(platform=platform, job="j", patch="p", title="Update", created_at=NOW)
    name_owner(actor(otto), change, vic.pk)


def _own(platform: Platform, otto: Person, vic: Person) -> None:
    set_owner(actor(otto), platform, Thing(), owner=vic)


def _except(platform: Platform, otto: Person, vic: Person) -> None:
    request_deviation(actor(otto), Wanted("IAM-01", "r", vic, date(2026, 7, 1), platform=platform))


@pytest.mark.parametrize("give", [_assign, _evidence, _change, _own, _except])
def test_a_guest_is_given_nothing_of_the_house(give: Callable[[Platform, Person, Person], None]) -> None:
    platform = make_platform()
    vic = make_person("vic", "vendor_contact", vendor=Vendor.objects.create(name="Acme", created_at=NOW))
    otto = make_person("otto", "platform_owner", "remediation_owner", "reviewer", platform=platform)
    with pytest.raises(UsageError, match=r"vendor's contact|a guest"):
        give(platform, otto, vic)
    owners = [set(kind.objects.values_list("owner", flat=True)) for kind in (Finding, Change, Evidence)]
    assert [vic.pk in each for each in owners] == [False] * 3


def test_the_form_for_evidence_offers_no_guest() -> None:
    make_person("vic", "vendor_contact", vendor=Vendor.objects.create(name="Acme", created_at=NOW))
    client = Client()
    client.force_login(make_person("rita", "reviewer"))
    page = client.get("/evidence/new/").content.decode()
    # A bare short name may happen to stand in a token, whose letters are at random.
    assert ">Rita" in page
    assert ">Vic" not in page
