from __future__ import annotations

import pytest

from passmuster.records.models import Finding
from passmuster.web import finding_parts
from passmuster.web.finding_parts import parts_of
from passmuster.web.lists import page_of
from tests.keeping import make_platform
from tests.web.test_lists import make_findings

pytestmark = pytest.mark.usefixtures("db")
STATUSES = ("open", "closed", "accepted")


@pytest.mark.parametrize("most", [40, 2])
@pytest.mark.parametrize("platforms", [None, (), ("one",), ("one", "other"), ("one", "none")])
def test_parts_together_are_the_list_itself_forth_and_back(
    monkeypatch: pytest.MonkeyPatch, platforms: tuple[str, ...] | None, most: int
) -> None:
    monkeypatch.setattr(finding_parts, "MOST_PARTS", most)
    made = {name: make_platform(name) for name in ("one", "other", "third", "none")}
    for number, name in enumerate(("one", "other", "third")):
        make_findings(made[name], 40, seed=number)
    keys = None if platforms is None else [made[name].pk for name in platforms]
    whole = Finding.objects.filter(status__in=STATUSES).order_by("severity_rank", "id")
    whole = whole if keys is None else whole.filter(platform_id__in=keys)
    parts = parts_of(Finding.objects.all(), STATUSES, keys)
    shown: list[int] = []
    pages, given = [], {}
    while True:
        page = page_of(parts, ("severity_rank", "id"), given, size=7)
        pages.append(page)
        shown += [row.pk for row in page.rows]
        if not page.after:
            break
        given = {"after": page.after}
    assert shown == list(whole.values_list("pk", flat=True))
    if len(pages) > 1:
        back = page_of(parts, ("severity_rank", "id"), {"before": pages[-1].before}, size=7)
        assert [row.pk for row in back.rows] == [row.pk for row in pages[-2].rows]
