"""The quick way to hold texts of a bill against the schema finds what the general validator finds."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from jsonschema import Draft7Validator

from passmuster.intel.feeds.cyclonedx import valid

BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "metadata": {
        "timestamp": "2026-01-01T00:00:00Z",
        "component": {"type": "application", "name": "a", "bom-ref": "r"},
    },
    "components": [
        {
            "type": "library",
            "name": "b",
            "version": "1.0",
            "purl": "pkg:npm/b@1.0",
            "bom-ref": "b",
            "scope": "required",
            "mime-type": "image/png",
            "hashes": [{"alg": "SHA-1", "content": "a" * 40}],
            "licenses": [{"license": {"id": "MIT"}}],
            "properties": [{"name": "n", "value": "v"}],
            "externalReferences": [{"type": "website", "url": "https://example.org"}],
        }
    ],
    "services": [
        {"name": "s", "endpoints": ["https://example.org"], "data": [{"flow": "inbound", "classification": "x"}]}
    ],
}
ODD = ("", "no", 1, None, [], {}, True, "x" * 2000, "required", "\n", "http://[", 1.5)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, item in items for inner in places(item, (*path, key)))]


def told(validator: Any, document: Any) -> list[tuple[str, str]]:
    return sorted((str(list(error.absolute_path)), error.message) for error in validator.iter_errors(document))


@pytest.mark.parametrize("version", valid.VERSIONS)
def test_every_value_spoilt_is_found_as_by_the_general_validator(version: str) -> None:
    quick = valid._validator(version)
    slow = Draft7Validator(quick.schema, registry=quick._registry, format_checker=quick.format_checker)
    document = {**BOM, "specVersion": version}
    assert told(quick, document) == told(slow, document)
    chance, found = random.Random(version), 0
    for path in [path for path in places(document) if path]:
        for odd in chance.sample(ODD, 4):
            spoilt = copy.deepcopy(document)
            holder = spoilt
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = odd
            assert told(quick, spoilt) == told(slow, spoilt), (path, odd)
            found += bool(told(quick, spoilt))
    assert found > 100
