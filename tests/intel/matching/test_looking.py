"""Looking up in a store which advisories speak of a component."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.looking import advisories_of
from passmuster.intel.matching.match import match_asked
from passmuster.intel.matching.naming import asked_for
from passmuster.intel.store.reading import Store
from passmuster.model.component import Component
from passmuster.pipeline.affected import affected_by
from passmuster.pipeline.intelligence import import_paths
from tests.intel.making import NOW, cve, take, write


def test_a_record_that_was_rejected_later_is_told_as_such(tmp_path: Path) -> None:
    osv = {
        "id": "GHSA-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": "n8n"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
            }
        ],
    }
    for number, more in enumerate(({}, {"withdrawn": "2026-02-01T00:00:00Z", "modified": "2026-02-01T00:00:00Z"})):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({**osv, **more}), encoding="utf-8")
        import_paths([path], tmp_path / "s", as_of=datetime(2026, 3, 1 + number, tzinfo=UTC))
    component = Component(id="n", name="n8n", version="1.0.0")
    first = affected_by(tmp_path / "s", component, as_of=datetime(2026, 3, 1, tzinfo=UTC)).matches
    later = affected_by(tmp_path / "s", component, as_of=datetime(2026, 3, 2, tzinfo=UTC)).matches
    assert [str(match.verdict) for match in first] == ["affected"]
    assert [(str(match.verdict), match.reason) for match in later] == [
        ("not_affected", "The advisory was withdrawn or rejected.")
    ]


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("A flaw in FLOWI\u017fE before 1.2.0.", True),
        ("Flowise before 1.2.0 has a flaw.", True),
        ("Something else before 1.2.0 has a flaw.", False),
    ],
)
def test_of_records_that_name_no_product_only_those_are_read_whose_text_may(
    tmp_path: Path, text: str, is_read: bool
) -> None:
    nameless = {"vendor": "n/a", "product": "n/a", "versions": [{"version": "n/a", "status": "affected"}]}
    write(tmp_path / "a.json", cve("CVE-2020-10001", affected=[nameless], descriptions=[{"lang": "en", "value": text}]))
    take(tmp_path / "s", tmp_path / "a.json")
    asked = asked_for(Component(id="f", name="Flowise"), load_catalogue())
    with closing(Store(tmp_path / "s", as_of=NOW)) as opened:
        found = advisories_of(opened, asked)
        told = [match_asked(each, Component(id="f", name="Flowise"), asked) for each in opened.advisories()]
    assert bool(found) is is_read
    assert is_read or told == [None]
