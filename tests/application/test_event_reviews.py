from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.application.access import Actor
from passmuster.application.acting import keeper
from passmuster.application.looking.looking import collect_platform
from passmuster.application.reviews.event_reviews import event_occasions
from passmuster.application.reviews.reviewing import cancel_review, open_occasion, open_review
from passmuster.application.storage.storing import home
from passmuster.model.keeping import EventKind
from passmuster.records.models import Platform, Review
from tests.intel.making import take
from tests.keeping import NOW, actor, make_person, make_platform
from tests.pipeline.test_triaging_store import kev, osv

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def store() -> Iterator[Path]:
    folder = home() / "intel"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _open_called_for(actor: Actor) -> tuple[list[Review], list[str]]:
    called_for, troubles = event_occasions(actor)
    return [open_occasion(actor, each) for each in called_for], troubles


def _learn(store: Path, tmp_path: Path, document: Any, at: datetime) -> None:
    path = tmp_path / f"{at:%Y%m%dT%H%M%S}-{len(list(tmp_path.iterdir()))}.json"
    path.write_text(json.dumps(document))
    take(store, path, at=at)


def test_what_the_vendor_ends_is_asked_of_legal_at_the_next_review_and_opens_none(store: Path, tmp_path: Path) -> None:
    platform = _looked()
    lea = make_person("lea", "legal")
    _learn(store, tmp_path, _notice("N-1", "retirement", "The cloud edition ends"), NOW + timedelta(days=1))
    _learn(store, tmp_path, _notice("N-2", "deprecation", "Something of another", "directus"), NOW + timedelta(days=1))
    assert _open_called_for(keeper(NOW + timedelta(days=2))) == ([], [])
    review = open_review(keeper(NOW + timedelta(days=3)), platform, "q", because="due")
    line = review.items.get(key="ask:legal")
    assert line.detail == "Asked because n8n tells of a retirement: The cloud edition ends."
    assert line.assignee == lea
    later = open_review(keeper(NOW + timedelta(days=93)), platform, "q2", because="due")
    assert not later.items.filter(key="ask:legal").exists()


def _looked() -> Platform:
    platform = make_platform()
    make_person("otto", "platform_owner", platform=platform)
    collect_platform(keeper(NOW), platform)
    return platform


def _notice(name: str, kind: str, text: str, platform: str = "n8n") -> dict[str, Any]:
    return {
        "schema": "passmuster/notice@1",
        "notices": [
            {
                "id": name,
                "kind": kind,
                "vendor": "n8n",
                "platforms": [platform],
                "announced_at": "2026-06-02T00:00:00Z",
                "text": text,
                "source": "https://status.example/1",
            }
        ],
    }


def test_an_exploited_vulnerability_of_what_runs_opens_one_review(store: Path, tmp_path: Path) -> None:
    platform = _looked()
    day = NOW + timedelta(days=1)
    _learn(store, tmp_path, osv("CVE-2026-7001", "n8n", fixed="999.0.0"), day)
    _learn(store, tmp_path, osv("CVE-2026-7002", "somebody-elses", fixed="2.0.0"), day)
    assert _open_called_for(keeper(day)) == ([], [])
    later = day + timedelta(days=1)
    _learn(store, tmp_path, kev("CVE-2026-7001", "CVE-2026-7002"), later)
    opened, troubles = _open_called_for(keeper(later + timedelta(hours=1)))
    assert troubles == []
    (review,) = opened
    assert (review.platform, review.occurrence) == (platform, "exploited:CVE-2026-7001")
    assert review.because == "CVE-2026-7001 is exploited and concerns n8n"
    traces = review.items.get(key="ask:event:exploited:traces")
    assert traces.detail == "Asked because of this: CVE-2026-7001 is exploited and concerns n8n"
    assert {"identity", "evidence"} < {each["topic"] for each in review.left}
    assert _open_called_for(keeper(later + timedelta(hours=2))) == ([], [])
    assert Review.objects.count() == 1


def _attacked(store: Path, tmp_path: Path, name: str, at: datetime) -> None:
    _learn(store, tmp_path, osv(name, "n8n", fixed="999.0.0"), at)
    _learn(store, tmp_path, kev(name), at)


@pytest.mark.parametrize(
    ("events", "occasions"), [((), []), (("exploited",), []), (("incident",), ["exploited:CVE-2026-7001"])]
)
def test_a_review_opened_by_hand_meanwhile_answers_for_what_it_asks_about(
    store: Path, tmp_path: Path, events: tuple[str, ...], occasions: list[str]
) -> None:
    platform = _looked()
    _attacked(store, tmp_path, "CVE-2026-7001", NOW + timedelta(days=1))
    by_hand = keeper(NOW + timedelta(days=1, minutes=10))
    open_review(by_hand, platform, "by hand", because="b", events=tuple(map(EventKind, events)))
    opened, _ = _open_called_for(keeper(NOW + timedelta(days=1, hours=1)))
    assert [each.occurrence for each in opened] == occasions
    assert _open_called_for(keeper(NOW + timedelta(days=1, hours=2))) == ([], [])


def test_what_happens_after_a_review_on_an_event_was_cancelled_opens_another(store: Path, tmp_path: Path) -> None:
    _looked()
    for name in ("CVE-2026-7001", "CVE-2026-7002"):
        _attacked(store, tmp_path, name, NOW + timedelta(days=1))
    (first,), _ = _open_called_for(keeper(NOW + timedelta(days=1, hours=1)))
    cancel_review(actor(make_person("anna", "approver"), now=NOW + timedelta(days=1, hours=2)), first, why="a mistake")
    assert _open_called_for(keeper(NOW + timedelta(days=1, hours=3))) == ([], [])
    _attacked(store, tmp_path, "CVE-2026-7003", NOW + timedelta(days=2))
    (second,), _ = _open_called_for(keeper(NOW + timedelta(days=2, hours=1)))
    assert second.occurrence == "exploited:CVE-2026-7003"


def test_what_happened_is_not_answered_for_by_a_review_of_everything_that_was_cancelled(
    store: Path, tmp_path: Path
) -> None:
    platform = _looked()
    _attacked(store, tmp_path, "CVE-2026-7001", NOW + timedelta(days=1))
    review = open_review(keeper(NOW + timedelta(days=1, minutes=10)), platform, "by hand", because="b")
    cancel_review(actor(make_person("anna", "approver"), now=NOW + timedelta(days=2)), review, why="not now")
    (opened,), _ = _open_called_for(keeper(NOW + timedelta(days=2, hours=1)))
    assert opened.occurrence == "exploited:CVE-2026-7001"


@pytest.mark.parametrize(
    ("kind", "text", "opens"),
    [
        ("incident", "Credentials of some tenants were read.", True),
        ("release", "Version 3.0 changes how nodes run", True),
        ("release", "Version 2.41.3", False),
        ("maintenance", "Database work", False),
    ],
)
def test_incidents_and_major_releases_of_the_vendor_open_one(
    store: Path, tmp_path: Path, kind: str, text: str, opens: bool
) -> None:
    _looked()
    day = NOW + timedelta(days=1)
    _learn(store, tmp_path, _notice("N-1", kind, text), day)
    _learn(store, tmp_path, _notice("N-2", kind, text, platform="some other platform"), day)
    opened, _ = _open_called_for(keeper(day + timedelta(hours=1)))
    assert [review.occurrence for review in opened] == ([f"{kind}:N-1"] if opens else [])
