"""Many components against a store: what each would be told alone."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.looking import match_components
from passmuster.intel.store.reading import Store
from passmuster.model.component import Component
from passmuster.pipeline.affected import affected_by
from passmuster.pipeline.intelligence import import_paths

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_many_components_are_told_what_each_would_be_told_alone(shared: Path, tmp_path: Path) -> None:
    import_paths(
        [shared / "data" / "vulnrichment_nocode", shared / "data" / "osv_bitnami" / "appsmith"],
        tmp_path / "s",
        as_of=NOW,
    )
    components = [
        Component(id="1", name="Directus", version="10.13.3", environment_id="test"),
        Component(id="2", name="Directus", version="10.13.3", environment_id="production"),
        Component(id="3", name="appsmith", purl="pkg:bitnami/appsmith", version="1.50.0"),
        Component(id="4", name="Mendix", version="V10.6.8"),
        Component(id="5", name="nobody knows it", version="1"),
        Component(id="6", name="integration-dynamics", purl="pkg:wordpress/integration-dynamics", version="1.3.17"),
    ]
    with closing(Store(tmp_path / "s", as_of=NOW)) as store:
        matches = match_components(store, components, load_catalogue())
    for component in components:
        alone = affected_by(tmp_path / "s", component, as_of=NOW).matches
        own = [match for match in matches if match.component == component]
        assert sorted(own, key=lambda match: match.advisory) == sorted(alone, key=lambda match: match.advisory)
    assert {match.component.id for match in matches} == {"1", "2", "3", "4", "6"}


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
