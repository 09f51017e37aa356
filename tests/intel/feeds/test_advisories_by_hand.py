"""Advisories written by hand: facts in, mistakes told all at once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from passmuster.documents.yaml_file import parse_yaml, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.advisories import AdvisoryFeed
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.registry import find_feed

EXAMPLE = Path(__file__).parents[3] / "examples" / "organisation" / "advisories.yaml"
PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "nocode_vulns_until_2024.csv"
ONE = """
schema: passmuster/advisories@1
feed: our house
advisories:
  - id: KB1234
    aliases: [CVE-2026-1234]
    title: Something can be read
    published: 2026-03-01
    vendor: Example
    product: Builder
    purl: pkg:npm/builder
    affected: ["< 2.4.1", ">= 3.0, < 3.2"]
    fixed: 2.4.1
    cvss: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N
    ssvc: {exploitation: poc, automatable: yes, technical_impact: partial, judged_on: 2026-03-02}
    kev: {added: 2026-03-03, due: 2026-03-24}
    source: https://vendor.example/kb1234
"""


def read(text: str) -> Reading:
    return AdvisoryFeed().read(Document("house.yaml", text, parse_yaml(text, "house.yaml")))


def test_every_fact_arrives() -> None:
    (record,) = read(ONE).records
    (product,) = record.affected
    assert (record.id, record.aliases, record.feed) == ("KB1234", ("CVE-2026-1234",), "our house")
    assert [(each.introduced, each.fixed) for each in product.ranges] == [(None, "2.4.1"), ("3.0", "3.2")]
    assert product.fixed_versions == ("2.4.1", "3.2")
    assert record.scores[0].computed == 7.5
    assert [(point.name, point.value) for point in record.ssvc] == [
        ("exploitation", "public_poc"),
        ("automatable", "yes"),
        ("technical_impact", "partial"),
    ]
    assert record.kev is not None
    assert (str(record.kev.added_on), str(record.kev.due_on)) == ("2026-03-03", "2026-03-24")
    assert record.published_at is not None
    assert record.published_at.isoformat() == "2026-03-01T00:00:00+00:00"


def test_the_file_is_known_by_its_schema_and_by_nothing_else() -> None:
    feed = find_feed(Document("x", ONE, parse_yaml(ONE, "x")))
    assert feed is not None
    assert feed.kind == "advisory"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("id: KB1234", "id: CVE-26-1"), "advisories[0].id: 'CVE-26-1' is no CVE"),
        (("    product: Builder\n", ""), "advisories[0].product: is missing"),
        (('    affected: ["< 2.4.1", ">= 3.0, < 3.2"]\n', ""), "advisories[0].affected: says which versions"),
        (("purl: pkg:npm/builder", "purl: builder"), "advisories[0].purl: 'builder' is no package URL"),
        (("published: 2026-03-01", "published: soon"), "advisories[0].published: 'soon' is no time"),
        (("title:", "titel:"), "advisories[0].titel: is not known"),
        (("feed: our house", "fed: our house"), "feed: is missing"),
        (("judged_on: 2026-03-02", "judged: 2026-03-02"), "advisories[0].ssvc.judged: is not known"),
        (("advisories@1", "advisories@2"), "schema: must be passmuster/advisories@1"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], told: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read(ONE.replace(*change))
    assert told in str(caught.value)
    assert "house.yaml" in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UnreadableInput) as caught:
        read(ONE.replace("id: KB1234", "id: CVE-26-1").replace("published: 2026-03-01", "published: soon"))
    assert "is no CVE" in str(caught.value)
    assert "is no time" in str(caught.value)


def test_one_id_twice_is_a_mistake() -> None:
    with pytest.raises(UnreadableInput, match="KB1234 is given twice"):
        read(ONE + ONE.partition("advisories:")[2])


def test_a_file_without_advisories_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="holds no advisory"):
        read("schema: passmuster/advisories@1\nfeed: x\nadvisories: []\n")


def published() -> dict[str, dict[str, Any]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        return {row["cve"]: row for row in csv.DictReader(stream)}


@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published facts in shared/data")
def test_the_example_tells_what_was_published() -> None:
    document = Document(str(EXAMPLE), "", read_yaml(EXAMPLE))
    records = {record.id: record for record in AdvisoryFeed().read(document).records}
    assert len(records) == 30
    facts = published()
    shared = records.keys() & facts.keys()
    assert len(shared) == 28
    for name in shared:
        row, record = facts[name], records[name]
        assert row["cvss_vector"].startswith(record.scores[0].vector), name
        if row["cvss_computed"]:
            assert abs(float(row["cvss_computed"]) - (record.scores[0].computed or 0)) < 0.05, name
        assert record.published_at is not None
        assert record.published_at.date().isoformat() == row["published"], name
        assert (str(record.kev.added_on) if record.kev else "") == row["kev_added"], name
        assert record.is_hosted_only is (row["hosting"] == "exclusively-hosted-service"), name
        for version in row["fixed"].split() if record.affected[0].vendor != "ServiceNow" else ():
            assert version in record.affected[0].fixed_versions, name
