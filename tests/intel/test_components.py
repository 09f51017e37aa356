"""Components of a snapshot: the platform by its product's word, and its add-ons."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.components import components_of
from passmuster.intel.matching.match import match
from passmuster.model.component import Component, ComponentKind
from passmuster.model.words import Hosting
from tests.intel.matching.asking import advisory_of, cve_record
from tests.making import make_snapshot

PLATFORM = {"product": "n8n", "hosting": "self", "name": "Our automations", "version": "1.100.0"}
ADD_ONS = [
    {"add_on_id": "a1", "name": "n8n-nodes-x", "version": "0.3.1", "purl": "pkg:npm/n8n-nodes-x", "publisher": "x"},
    {"add_on_id": "a2", "name": "Forms", "environment_id": "e1"},
]


def test_the_platform_and_its_add_ons_are_components(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {"platforms": [PLATFORM], "add_ons": ADD_ONS})
    platform, first, second = components_of(snapshot, load_catalogue())
    assert (platform.name, platform.version, platform.hosting) == ("n8n", "1.100.0", Hosting.SELF)
    assert (platform.kind, platform.product, platform.platform_id) == (ComponentKind.PLATFORM, "n8n", "test:1")
    assert (first.purl, first.version, first.vendor) == ("pkg:npm/n8n-nodes-x", "0.3.1", "x")
    assert (second.name, second.version, second.environment_id) == ("Forms", None, "e1")
    assert {first.hosting, second.hosting} == {Hosting.SELF}
    assert {first.kind, second.kind} == {ComponentKind.ADD_ON}


@pytest.mark.parametrize(
    ("platform", "environments", "told"),
    [
        ({"region": "eu"}, [], {"": ("eu",), "e1": ("eu",)}),
        ({}, [], {"": (), "e1": ()}),
        ({}, [{"environment_id": "e1", "region": "us"}], {"": ("us",), "e1": ("us",)}),
        (
            {"region": "eu"},
            [{"environment_id": "e1", "region": "us"}, {"environment_id": "e2"}],
            {"": ("us", "eu"), "e1": ("us",)},
        ),
        ({}, [{"environment_id": "e1", "region": "us"}, {"environment_id": "e2"}], {"": (), "e1": ("us",)}),
    ],
)
def test_components_run_where_their_environments_do(
    tmp_path: Path, platform: dict[str, str], environments: list[dict[str, str]], told: dict[str, tuple[str, ...]]
) -> None:
    rows = {"platforms": [{**PLATFORM, **platform}], "add_ons": ADD_ONS[1:], "environments": environments}
    found = components_of(make_snapshot(tmp_path / "s", rows), load_catalogue())
    assert {each.environment_id: each.regions for each in found} == told


@pytest.mark.parametrize(
    ("platform", "regions", "sites"),
    [
        ({}, ["eu", "us"], [("e0", ("eu",)), ("e1", ("us",))]),
        ({"region": "eu"}, ["us", None], [("e0", ("us",)), ("e1", ("eu",))]),
        ({}, ["eu", None], [("e0", ("eu",)), ("e1", ())]),
        ({}, ["eu", "eu"], []),
        ({"region": "eu"}, ["eu", None], []),
        ({}, [None, None], []),
        ({}, ["eu"], []),
    ],
)
def test_a_platform_in_several_regions_tells_where_each_environment_runs(
    tmp_path: Path, platform: dict[str, str], regions: list[str | None], sites: list[tuple[str, tuple[str, ...]]]
) -> None:
    environments = [{"environment_id": f"e{number}", "region": region} for number, region in enumerate(regions)]
    rows = {"platforms": [{**PLATFORM, **platform}], "environments": environments}
    (found,) = components_of(make_snapshot(tmp_path / "s", rows), load_catalogue())
    assert [(site.environment_id, site.regions) for site in found.sites] == sites


def test_where_an_environment_may_be_missing_a_platform_is_not_told_apart(tmp_path: Path) -> None:
    rows = {
        "platforms": [PLATFORM],
        "environments": [{"environment_id": "e1", "region": "eu"}, {"environment_id": "e2", "region": "us"}],
    }
    (found,) = components_of(make_snapshot(tmp_path / "s", rows, {"environments": "partial"}), load_catalogue())
    assert (found.sites, found.regions) == ((), ())


def test_where_environments_could_not_be_read_the_platform_may_run_anywhere(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {"platforms": [PLATFORM]}, {"environments": "denied"})
    (found,) = components_of(snapshot, load_catalogue())
    assert found.regions == ()


def test_a_platform_nobody_knows_keeps_its_own_name(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {"platforms": [{"product": "other", "hosting": "vendor", "name": "Pads"}]})
    (platform,) = components_of(snapshot, load_catalogue())
    assert (platform.name, platform.hosting, platform.version) == ("Pads", Hosting.VENDOR, None)


def test_tables_that_could_not_be_read_give_no_components(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {"platforms": [PLATFORM]}, {"add_ons": "denied"})
    assert [each.kind for each in components_of(snapshot, load_catalogue())] == [ComponentKind.PLATFORM]


@pytest.mark.parametrize(
    ("component", "verdict"),
    [
        (Component(id="p", name="Our tenant", product="power_platform", hosting=Hosting.VENDOR), "vendor_pending"),
        (Component(id="p", name="Our tenant", product="salesforce", hosting=Hosting.VENDOR), None),
    ],
)
def test_the_product_word_stands_for_the_parts_of_the_platform(component: Component, verdict: str | None) -> None:
    affected = [
        {
            "vendor": "Microsoft",
            "product": "Microsoft Dataverse",
            "versions": [{"version": "N/A", "status": "affected"}],
        }
    ]
    advisory = advisory_of(cve_record(affected, tags=("exclusively-hosted-service",)))
    found = match(advisory, component, load_catalogue())
    assert (str(found.verdict) if found else None) == verdict
