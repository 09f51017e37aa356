"""The shape of a CSAF document as JSON Schema: 2.0, and 2.1 in every draft since its csd01.

Written from the standard's field names, types and closed lists. 2.0 lets unknown keys pass, 2.1 does not. Between the
drafts of 2.1 some fields were renamed; both names are accepted, as documents of all drafts are in the world. `$schema`
may be absent, as it was in the first ones.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from passmuster.intel.feeds.csaf.pieces import (
    CPE,
    CVE,
    DATE,
    GENERIC_URIS,
    LANGUAGE,
    NAME,
    REFERENCES,
    TEXT,
    URI,
    VERSION,
    Schema,
    listing,
    mapping,
    products,
    word,
)
from passmuster.intel.feeds.csaf.schema_2_1 import document_2_1, tree_2_1, vulnerability_2_1
from passmuster.intel.feeds.formats import FORMATS, FORMATS_2_0

_CATEGORIES = "architecture host_name language legacy patch_level product_family product_name product_version"
_NOTES = "description details faq general legal_disclaimer other summary"
_PARTIES = "coordinator discoverer other user vendor"
_RELATIONS = "default_component_of external_component_of installed_on installed_with optional_component_of"
_FLAGS = (
    "component_not_present inline_mitigations_already_exist vulnerable_code_cannot_be_controlled_by_adversary"
    " vulnerable_code_not_in_execute_path vulnerable_code_not_present"
)
_STATUSES = (
    "first_affected first_fixed fixed known_affected known_not_affected last_affected recommended under_investigation"
)
_RESTARTS = "connected dependencies machine none parent service system vulnerable_component zone"
_REMEDIATIONS = "mitigation no_fix_planned none_available vendor_fix workaround"


@cache
def validator(version: str) -> Draft202012Validator:
    """The validator of `2.0` or `2.1`, with dates, addresses and languages held to their formats."""
    if version == "2.0":
        return Draft202012Validator(_inlined(_schema_2_0()), format_checker=FORMATS_2_0)
    return Draft202012Validator(_inlined(_schema_2_1()), format_checker=FORMATS)


def _inlined(schema: Schema) -> Schema:
    """The schema with what it refers to in its place, but for the branches, which hold themselves: half the time."""

    def fill(part: Any) -> Any:
        if isinstance(part, list):
            return [fill(item) for item in part]
        if not isinstance(part, dict):
            return part
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name != "branch":
            return fill(schema["$defs"][name])
        return {key: fill(value) for key, value in part.items()}

    filled: Schema = fill(schema)
    return filled


def _schema_2_0() -> Schema:
    return {
        **mapping("document", document=_document(), product_tree=_tree(), vulnerabilities=listing(_vulnerability())),
        "$defs": _definitions(_CATEGORIES + " product_version_range service_pack specification vendor"),
    }


def _schema_2_1() -> Schema:
    categories = (
        _CATEGORIES.replace(" legacy", "") + " platform product_version_range service_pack specification vendor"
    )
    schema = {
        **mapping(
            "document",
            **{"$schema": {"const": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"}},
            document=document_2_1(_document()),
            product_tree=tree_2_1(_tree()),
            vulnerabilities=listing(vulnerability_2_1(_vulnerability())),
            x_extensions=listing({"type": "object"}, is_unique=True),
        ),
        "$defs": _definitions(categories),
    }
    schema["$defs"]["note"]["properties"] |= products()
    schema["$defs"]["product"]["properties"]["x_extensions"] = listing({"type": "object"}, is_unique=True)
    helper = schema["$defs"]["product"]["properties"]["product_identification_helper"]["properties"]
    helper["purls"] = listing(helper["purl"], is_unique=True)
    closed: Schema = _closed(schema)
    return closed


def _closed(schema: Any) -> Any:
    """The schema with every mapping closed to keys it does not name."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def _definitions(categories: str) -> dict[str, Schema]:
    branch = mapping(
        "category name",
        branches=listing({"$ref": "#/$defs/branch"}),
        category=word(categories),
        name=TEXT,
        product={"$ref": "#/$defs/product"},
    )
    branch |= {"oneOf": [{"required": ["branches"]}, {"required": ["product"]}], "maxProperties": 3}
    hashed = mapping(
        "file_hashes filename",
        file_hashes=listing(
            mapping("algorithm value", algorithm=TEXT, value={"type": "string", "pattern": "^[0-9a-fA-F]{32,}$"})
        ),
        filename=TEXT,
    )
    helper = mapping(
        cpe=CPE,
        hashes=listing(hashed),
        model_numbers=listing(TEXT, is_unique=True),
        purl={"type": "string", "format": "uri", "pattern": r"^pkg:[A-Za-z.\-+][A-Za-z0-9.\-+]*/.+"},
        sbom_urls=listing(URI),
        serial_numbers=listing(TEXT, is_unique=True),
        skus=listing(TEXT),
        x_generic_uris=GENERIC_URIS,
    )
    return {
        "branch": branch,
        "product": mapping("name product_id", name=TEXT, product_id=TEXT, product_identification_helper=helper),
        "note": mapping("category text", audience=TEXT, category=word(_NOTES), text=TEXT, title=TEXT),
        "acknowledgment": mapping(names=listing(TEXT), organization=TEXT, summary=TEXT, urls=listing(URI)),
    }


_NOTE_LIST = listing({"$ref": "#/$defs/note"})
_ACKNOWLEDGMENTS = listing({"$ref": "#/$defs/acknowledgment"})


def _document() -> Schema:
    return mapping(
        "category csaf_version publisher title tracking",
        acknowledgments=_ACKNOWLEDGMENTS,
        aggregate_severity=mapping("text", namespace=URI, text=TEXT),
        category=NAME,
        csaf_version={"const": "2.0"},
        distribution=mapping(text=TEXT, tlp=mapping("label", label=word("AMBER GREEN RED WHITE"), url=URI)),
        lang=LANGUAGE,
        notes=_NOTE_LIST,
        publisher=mapping(
            "category name namespace",
            category=word(f"{_PARTIES} translator"),
            contact_details=TEXT,
            issuing_authority=TEXT,
            name=TEXT,
            namespace=URI,
        ),
        references=REFERENCES,
        source_lang=LANGUAGE,
        title=TEXT,
        tracking=_tracking(),
    )


def _tracking() -> Schema:
    revision = mapping("date number summary", date=DATE, legacy_version=TEXT, number=VERSION, summary=TEXT)
    return mapping(
        "current_release_date id initial_release_date revision_history status version",
        aliases=listing(TEXT, is_unique=True),
        current_release_date=DATE,
        generator=mapping("engine", date=DATE, engine=mapping("name", name=TEXT, version=TEXT)),
        id={"type": "string", "pattern": r"^[\S](.*[\S])?$"},
        initial_release_date=DATE,
        revision_history=listing(revision),
        status=word("draft final interim"),
        version=VERSION,
    )


def _tree() -> Schema:
    group = mapping("group_id product_ids", group_id=TEXT, product_ids=listing(TEXT, 2, is_unique=True), summary=TEXT)
    relationship = mapping(
        "category full_product_name product_reference relates_to_product_reference",
        category=word(_RELATIONS),
        full_product_name={"$ref": "#/$defs/product"},
        product_reference=TEXT,
        relates_to_product_reference=TEXT,
    )
    return mapping(
        branches=listing({"$ref": "#/$defs/branch"}),
        full_product_names=listing({"$ref": "#/$defs/product"}),
        product_groups=listing(group),
        relationships=listing(relationship),
    )


def _vulnerability() -> Schema:
    score = mapping("products", cvss_v2={"type": "object"}, cvss_v3={"type": "object"}, products=listing(TEXT))
    remediation = mapping(
        "category details",
        category=word(_REMEDIATIONS),
        date=DATE,
        details=TEXT,
        entitlements=listing(TEXT),
        restart_required=mapping("category", category=word(_RESTARTS), details=TEXT),
        url=URI,
        **products(),
    )
    return mapping(
        acknowledgments=_ACKNOWLEDGMENTS,
        cve=CVE,
        cwe=mapping("id name", id={"type": "string", "pattern": r"^CWE-[1-9]\d{0,5}$"}, name=TEXT),
        discovery_date=DATE,
        flags=listing(mapping("label", date=DATE, label=word(_FLAGS), **products()), is_unique=True),
        ids=listing(mapping("system_name text", system_name=TEXT, text=TEXT), is_unique=True),
        involvements=listing(_involvement(), is_unique=True),
        notes=_NOTE_LIST,
        product_status=mapping(**{status: listing(TEXT, is_unique=True) for status in _STATUSES.split()}),
        references=REFERENCES,
        release_date=DATE,
        remediations=listing(remediation),
        scores=listing({**score, "minProperties": 2}),
        threats=listing(
            mapping(
                "category details",
                category=word("exploit_status impact target_set"),
                date=DATE,
                details=TEXT,
                **products(),
            )
        ),
        title=TEXT,
    )


def _involvement() -> Schema:
    statuses = "completed contact_attempted disputed in_progress not_contacted open"
    return mapping("party status", date=DATE, party=word(_PARTIES), status=word(statuses), summary=TEXT)
