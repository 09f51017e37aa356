"""Vendors' notices as YAML, JSON and CSV: what is read, and what is refused with which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passmuster.documents.yaml_file import parse_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document
from passmuster.intel.feeds.notices.feed import NoticeFeed
from passmuster.intel.record_json import from_text, to_text
from passmuster.model.advisory import NoticeKind, Record

NOTICE: dict[str, Any] = {
    "id": "MC-1001",
    "kind": "maintenance",
    "vendor": "Example Cloud",
    "platforms": ["Power Platform"],
    "regions": ["EU", "US"],
    "announced_at": "2026-03-01T09:00:00+01:00",
    "preview_at": "2026-03-05",
    "earliest_at": "2026-03-10T22:00:00Z",
    "latest_at": "2026-03-12",
    "enforced_at": "2026-04-01T00:00:00Z",
    "defer_until": "2026-06-30",
    "reversible": False,
    "connectors": ["SharePoint", "SQL Server"],
    "severity": "Important",
    "cves": ["CVE-2026-10001"],
    "text": "Connectors restart.\nReconnect with token=abcdef0123456789abcdef",
    "source": "https://status.example.com/1001",
    "revision": 2,
}

YAML = """
schema: passmuster/notice@1
notices:
  - {id: A, kind: retirement, vendor: V, enforced_at: 2026-09-30}
  - id: B
    kind: Security fix
    vendor: V
    earliest_at: 2026-05-01 08:00:00
    connectors: [one, two]
"""

CSV = """id,kind,vendor,platforms,earliest_at,reversible,cves,text
A,release,Example,"n8n; Node-RED",2026-03-10T22:00:00Z,yes,,"Hello, all"
B,incident,Example,,,,CVE-2026-10001;CVE-2026-10002,'=SUM(1)
"""


def in_json(value: Any) -> Document:
    return Document("n.json", json.dumps(value), value)


def in_yaml(text: str) -> Document:
    return Document("n.yaml", text, parse_yaml(text, "n.yaml"))


def record(**changes: Any) -> Record:
    return NoticeFeed().read(in_json({**NOTICE, **changes})).records[0]


def refusal(document: Document) -> str:
    with pytest.raises(UnreadableInput) as caught:
        NoticeFeed().read(document)
    return str(caught.value)


def test_every_field_of_the_contract_is_kept() -> None:
    found = record()
    notice = found.notice
    assert notice is not None
    assert (found.id, found.feed, found.aliases, found.severity) == (
        "MC-1001",
        "Example Cloud",
        ("CVE-2026-10001",),
        "high",
    )
    assert (notice.kind, notice.vendor, notice.platforms) == (
        NoticeKind.MAINTENANCE,
        "Example Cloud",
        ("Power Platform",),
    )
    assert (notice.regions, notice.connectors) == (("EU", "US"), ("SharePoint", "SQL Server"))
    assert notice.announced_at == found.published_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert notice.preview_at == datetime(2026, 3, 5, tzinfo=UTC)
    assert notice.earliest_at == datetime(2026, 3, 10, 22, tzinfo=UTC)
    assert notice.enforced_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert notice.is_reversible is False
    assert (notice.severity, notice.revision, notice.source) == ("high", "2", "https://status.example.com/1001")
    assert found.title == "Connectors restart."
    assert [product.product for product in found.affected] == ["Power Platform"]


def test_a_last_day_is_meant_whole() -> None:
    notice = record().notice
    assert notice is not None
    assert notice.latest_at == datetime(2026, 3, 13, tzinfo=UTC)
    assert notice.defer_until == datetime(2026, 7, 1, tzinfo=UTC)


def test_no_secret_is_kept() -> None:
    assert "abcdef0123456789" not in repr(record())


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_is_known_however_it_is_spelled(kind: NoticeKind) -> None:
    for spelled in (str(kind), kind.replace("_", " ").title(), kind.replace("_", "-").upper()):
        found = record(kind=spelled).notice
        assert found is not None
        assert found.kind is kind


def test_when_the_vendor_mended_it_is_told_of_fixes_alone() -> None:
    assert record(kind="emergency_change").vendor_fixed_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert record(kind="security_fix", enforced_at=None).vendor_fixed_at == datetime(2026, 3, 10, 22, tzinfo=UTC)
    assert record(kind="release").vendor_fixed_at is None


WAVES = [
    {"regions": ["US"], "enforced_at": "2026-04-01T00:00:00Z"},
    {"regions": "EU; UK", "preview_at": "2026-03-20", "earliest_at": "2026-04-05", "latest_at": "2026-04-06"},
]


def test_of_a_notice_with_waves_each_has_its_dates_and_the_whole_spans_them() -> None:
    plain = {key: value for key, value in NOTICE.items() if not key.endswith("_at") and key not in ("regions", "kind")}
    (read,) = NoticeFeed().read(in_json({**plain, "kind": "security_fix", "waves": WAVES})).records
    notice = read.notice
    assert notice is not None
    first, second = notice.waves
    assert (first.regions, first.enforced_at, first.latest_at) == (("US",), datetime(2026, 4, 1, tzinfo=UTC), None)
    assert (second.regions, second.latest_at) == (("EU", "UK"), datetime(2026, 4, 7, tzinfo=UTC))
    assert (notice.regions, notice.earliest_at) == (("US", "EU", "UK"), datetime(2026, 4, 1, tzinfo=UTC))
    assert (notice.latest_at, notice.enforced_at) == (datetime(2026, 4, 7, tzinfo=UTC), None)
    assert (notice.preview_at, read.vendor_fixed_at) == (datetime(2026, 3, 20, tzinfo=UTC), notice.earliest_at)
    assert from_text(to_text(read)) == read


def test_what_a_notice_says_of_itself_is_not_replaced_by_its_waves() -> None:
    notice = record(waves=WAVES).notice
    assert notice is not None
    assert (notice.regions, notice.enforced_at) == (("EU", "US"), datetime(2026, 4, 1, tzinfo=UTC))
    assert notice.earliest_at == datetime(2026, 3, 10, 22, tzinfo=UTC)


def test_yaml_lists_and_its_own_times() -> None:
    records = NoticeFeed().read(in_yaml(YAML)).records
    assert [each.id for each in records] == ["A", "B"]
    assert records[0].notice is not None
    assert records[0].notice.enforced_at == datetime(2026, 9, 30, tzinfo=UTC)
    assert records[1].notice is not None
    assert records[1].notice.kind is NoticeKind.SECURITY_FIX
    assert records[1].notice.earliest_at == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_a_table_with_lists_by_semicolons() -> None:
    document = Document("n.csv", "\ufeff" + CSV)
    assert NoticeFeed().recognises(document)
    first, second = NoticeFeed().read(document).records
    assert first.notice is not None
    assert (first.notice.platforms, first.notice.is_reversible) == (("n8n", "Node-RED"), True)
    assert (second.aliases, second.description) == (("CVE-2026-10001", "CVE-2026-10002"), "=SUM(1)")


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (NOTICE, True),
        ([NOTICE], True),
        ({"notices": []}, True),
        ({"schema": "passmuster/notice@1"}, True),
        ({"schema": "passmuster/notice@2"}, True),
        ({"schema": "passmuster/declared@1", "facts": []}, False),
        ({"kind": "maintenance"}, False),
        ({"kind": "pet", "vendor": "V"}, False),
        ([], False),
        ([1], False),
        ({"document": {"csaf_version": "2.0"}}, False),
    ],
)
def test_it_is_told_by_its_content(value: Any, is_one: bool) -> None:
    assert NoticeFeed().recognises(in_json(value)) is is_one


@pytest.mark.parametrize("text", ["id,name\n1,2\n", "cve,epss,percentile\n", "", "id;kind;vendor\n"])
def test_other_tables_are_not_taken_for_notices(text: str) -> None:
    assert not NoticeFeed().recognises(Document("x.csv", text))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": None}, "n.json: id: must be given"),
        ({"vendor": ""}, "vendor: must be given"),
        ({"kind": "party"}, "kind: 'party' is none of security_fix"),
        ({"severity": "awful"}, "severity: 'awful' is no severity"),
        ({"latest_at": "soon"}, "latest_at: 'soon' is no time; write 2026-12-31"),
        ({"earliest_at": 5}, "earliest_at: '5' is no time"),
        ({"cves": ["CVE-1"]}, "cves: 'CVE-1' is no CVE id"),
        ({"reversible": "perhaps"}, "reversible: 'perhaps' is neither yes nor no"),
        ({"connectors": {"a": 1}}, "connectors: is no list of texts"),
        ({"text": ["a"]}, "text: is no text"),
        ({"latest_at": "2026-03-01"}, "earliest_at: is after latest_at"),
        ({"platform": "n8n"}, "platform: unknown field; known are id, kind"),
        ({"waves": "EU"}, "waves: is no list of waves"),
        ({"waves": [{"enforced_at": "2026-03-01"}]}, "waves.0.regions: must be given"),
        ({"waves": [{"regions": ["EU"]}]}, "waves.0: has no date"),
        ({"waves": [{"regions": ["EU"], "enforced_at": "soon"}]}, "waves.0.enforced_at: 'soon' is no time"),
        ({"waves": [{"regions": ["EU"], "on": "2026-03-01"}]}, "waves.0.on: unknown field"),
        (
            {"waves": [{"regions": ["EU"], "earliest_at": "2026-03-09", "latest_at": "2026-03-01"}]},
            "waves.0.earliest_at: is after latest_at",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_field_and_mend(changes: dict[str, Any], told: str) -> None:
    assert told in refusal(in_json({**NOTICE, **changes}))


def test_all_complaints_of_all_notices_come_at_once_with_their_places() -> None:
    told = refusal(in_yaml(YAML + "  - {id: C, kind: party}\n  - 7\n")).splitlines()
    assert told == [
        "n.yaml: notices.3: is no notice; write field: value",
        "n.yaml: notices.2.vendor: must be given",
        "n.yaml: notices.2.kind: 'party' is none of " + ", ".join(NoticeKind),
    ] or sorted(told) == sorted(
        [
            "n.yaml: notices.2.vendor: must be given",
            "n.yaml: notices.2.kind: 'party' is none of " + ", ".join(NoticeKind),
            "n.yaml: notices.3: is no notice; write field: value",
        ]
    )


def test_a_table_names_line_and_column() -> None:
    text = "id,kind,vendor,reversible\nA,release,V,yes\nB,release,V,perhaps\n"
    assert refusal(Document("n.csv", text)) == "n.csv: line 3, column reversible: 'perhaps' is neither yes nor no"


@pytest.mark.parametrize(
    "value", [{"notices": []}, {"notices": {}}, {"schema": "passmuster/notice@2", "notices": [NOTICE]}]
)
def test_nothing_or_another_schema_is_refused(value: Any) -> None:
    assert "n.json: " in refusal(in_json(value))


def test_of_several_revisions_the_highest_stands_wherever_it_is() -> None:
    kept = NoticeFeed().read(in_json([{**NOTICE, "revision": number} for number in ("2", "10", "9")])).records
    assert [each.notice.revision for each in kept if each.notice] == ["10"]
    later = {**NOTICE, "revision": "10", "text": "Other words"}
    assert "stands at" in refusal(in_json([{**NOTICE, "revision": "10"}, later]))


def test_a_withdrawn_notice_says_since_when() -> None:
    assert record(withdrawn_at="2026-03-04T00:00:00Z").withdrawn_at == datetime(2026, 3, 4, tzinfo=UTC)


def test_times_without_a_zone_are_utc_and_others_are_brought_there() -> None:
    assert record(announced_at="2026-03-01 09:00").published_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    moved = record(announced_at="2026-03-01T23:30:00-09:30").published_at
    assert moved is not None
    assert (moved, moved.utcoffset()) == (datetime(2026, 3, 2, 9, tzinfo=UTC), timedelta(0))
