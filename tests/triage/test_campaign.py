from __future__ import annotations

from dataclasses import replace

import pytest

from passmuster.model.advisory import Advisory, Record, RecordKind
from passmuster.triage.campaign import is_campaign, is_triaged, tells_of_attacks
from tests.triage.making import cve, notice

ATTACKS = [
    "OAuth tokens of the Drift integration were stolen and used to read customers' records.",
    "We revoked all tokens after a threat actor gained access to our support system.",
    "An ongoing campaign targets connected apps.",
    "UNC6395 exported data from many tenants.",
    "Attackers have obtained session cookies. Nothing is known of the rest.",
    "Compromised credentials of a contractor were in use.",
    "We fixed a fault.\nCustomer data was exfiltrated before.",
    "A supply-chain attack on the package registry.",
]
FIXES = [
    "A flaw could allow an attacker to read data.",
    "Attackers may have obtained nothing; the fix is preventive.",
    "If exploited, credentials could be stolen.",
    "We have no evidence that tokens were stolen.",
    "There is no indication that attackers have used the flaw.",
    "This release fixes the handling of tokens and keys.",
    "The change prevents stolen tokens from being used again.",
    "Customer data has not been compromised.",
    "",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_attackers_did_is_a_campaign(text: str) -> None:
    assert tells_of_attacks(text)


@pytest.mark.parametrize("text", FIXES)
def test_what_attackers_could_do_or_did_not_is_a_fix(text: str) -> None:
    assert not tells_of_attacks(text)


def test_only_notices_are_read_for_attacks_and_a_cve_makes_it_a_patch() -> None:
    told = notice(text=ATTACKS[0])
    assert is_campaign(told)
    assert not is_campaign(replace(told, aliases=("CVE-2026-10001",)))
    assert not is_campaign(Advisory("GHSA-x", title=ATTACKS[0]))


def test_a_malicious_package_is_hunted() -> None:
    assert is_campaign(Advisory("MAL-2026-77", records=(Record(RecordKind.OSV, "osv", "MAL-2026-77"),)))


def test_an_advisory_with_a_record_beside_the_notice_is_triaged_whatever_the_notice_is() -> None:
    told = notice()
    assert told.notice is not None
    both = replace(cve(), notice=told.notice, records=(*cve().records, *told.records))
    assert is_triaged(both)


def test_a_long_text_is_read_in_no_time() -> None:
    assert not tells_of_attacks("tokens " * 200_000)
    assert not tells_of_attacks("attackers " * 200_000)
    assert not tells_of_attacks("stolen " + "a" * 1_000_000)
