"""Looking up in a store which advisories speak of a component."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from passmuster.model.component import Component
from passmuster.pipeline.affected import affected_by
from passmuster.pipeline.intelligence import import_paths


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
