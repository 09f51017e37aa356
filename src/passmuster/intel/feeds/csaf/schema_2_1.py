"""What 2.1 says otherwise than 2.0, over all of its drafts."""

from __future__ import annotations

from passmuster.intel.feeds.csaf.pieces import DATE, NAME, TEXT, URI, Schema, listing, mapping, products, word

_EXTENSIONS = listing({"type": "object"}, is_unique=True)
_ENTITY = {"type": "string", "pattern": "^EID-[0-9A-Za-z][0-9A-Za-z._-]*$"}
_ENTITY_GROUP = {"type": "string", "pattern": "^EGID-[0-9A-Za-z][0-9A-Za-z._-]*$"}
_ENTITY_REFS = listing({"type": "string", "pattern": "^EG?ID-[0-9A-Za-z][0-9A-Za-z._-]*$"}, is_unique=True)
_VULNERABILITY = {"type": "string", "pattern": "^VULN-[0-9A-Za-z._-]+$"}
_SHARE = {"type": "string", "pattern": r"^(0\.[0-9]+|1\.0+)$"}
_SHARING_GROUP = {
    "type": "string",
    "pattern": "^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$",
}
_HTTPS = {"type": "string", "format": "uri", "pattern": "^https://"}
_CONTACT = {
    **mapping(details=TEXT, email={"type": "string", "minLength": 6}, public_openpgp_key_url=_HTTPS, url=_HTTPS),
    "dependentRequired": {"public_openpgp_key_url": ["email"]},
}
_RELATIONS = "default_component_of external_component_of installed_on installed_with optional_component_of"
_ACTIONS = (
    "assessment confirmation coordination discovery dispute embargo exploitation fix_deployment fix_release"
    " notification observation triage"
)


def document_2_1(document: Schema) -> Schema:
    """The head of a document: distribution is a must, a publisher may be a multiplier."""
    properties = document["properties"]
    group = mapping("id", id=_SHARING_GROUP, name=TEXT)
    label = word("AMBER AMBER+STRICT CLEAR GREEN RED")
    publisher = properties["publisher"]["properties"]
    changed = {
        **properties,
        "csaf_version": {"const": "2.1"},
        "distribution": mapping("tlp", sharing_group=group, text=TEXT, tlp=mapping("label", label=label, url=URI)),
        "involvement": _involvement(),
        "license_expression": TEXT,
        "publisher": {
            **properties["publisher"],
            "properties": {
                **publisher,
                "category": word("coordinator discoverer multiplier other translator user vendor"),
                "contact": _CONTACT,
            },
        },
        "x_extensions": _EXTENSIONS,
    }
    return {**document, "properties": changed, "required": [*document["required"], "distribution"]}


def tree_2_1(tree: Schema) -> Schema:
    """The product tree: paths of products beside the relationships of earlier drafts."""
    subpath = mapping("category next_product_reference", category=word(_RELATIONS), next_product_reference=TEXT)
    path = mapping(
        "beginning_product_reference full_product_name subpaths",
        beginning_product_reference=TEXT,
        full_product_name={"$ref": "#/$defs/product"},
        subpaths=listing(subpath),
    )
    return {**tree, "properties": {**tree["properties"], "product_paths": listing(path)}}


def vulnerability_2_1(vulnerability: Schema) -> Schema:
    """A vulnerability: metrics for scores, several weaknesses, disclosure and exploitation dates."""
    kept = {
        key: value for key, value in vulnerability["properties"].items() if key not in ("cwe", "scores", "release_date")
    }
    cwe = mapping(
        "id name version",
        id={"type": "string", "pattern": r"^CWE-[1-9]\d{0,5}$"},
        name=NAME,
        version={"type": "string", "pattern": r"^[1-9]\d*\.(\d|[1-9]\d+)(\.\d+)?$"},
    )
    statuses = kept["product_status"]["properties"]
    remediation = kept["remediations"]["items"]
    categories = word("fix_planned mitigation no_fix_planned none_available optional_patch vendor_fix workaround")
    exploited = {
        **mapping("date exploitation_date", date=DATE, exploitation_date=DATE, **products()),
        "minProperties": 3,
    }
    changed = {
        "cwes": listing(cwe, is_unique=True),
        "disclosure_date": DATE,
        "dl_vuln_id": _VULNERABILITY,
        "first_known_exploitation_dates": listing(exploited, is_unique=True),
        "ids": listing(mapping("system_name text", system_name=TEXT, text=TEXT, **products()), is_unique=True),
        "involvements": listing(_involvement_of_earlier_drafts(), is_unique=True),
        "metrics": listing(_metric(), is_unique=True),
        "product_status": mapping(**statuses, unknown=listing(TEXT, is_unique=True)),
        "remediations": listing({**remediation, "properties": {**remediation["properties"], "category": categories}}),
        "x_extensions": _EXTENSIONS,
    }
    return {**vulnerability, "properties": {**kept, **changed}}


def _metric() -> Schema:
    content = mapping(
        cvss_v2={"type": "object"},
        cvss_v3={"type": "object"},
        cvss_v4={"type": "object"},
        epss=mapping("percentile probability timestamp", percentile=_SHARE, probability=_SHARE, timestamp=DATE),
        qualitative_severity_rating=word("critical high low medium none"),
        ssvc_v1={"type": "object"},
        ssvc_v2={"type": "object"},
        x_extensions=_EXTENSIONS,
    )
    return mapping("content products", content=content, products=listing(TEXT, is_unique=True), source=URI)


def _involvement_of_earlier_drafts() -> Schema:
    return mapping(
        "party status",
        contact=TEXT,
        date=DATE,
        party=word("coordinator discoverer other user vendor"),
        status=word("completed contact_attempted disputed in_progress not_contacted open"),
        summary=TEXT,
        **products(),
    )


def _involvement() -> Schema:
    action = mapping(
        "acting_entity_refs action_id category date status",
        acting_entity_refs=_ENTITY_REFS,
        action_id=NAME,
        category=word(_ACTIONS),
        date=DATE,
        dl_vuln_ids=listing(_VULNERABILITY, is_unique=True),
        receiving_entity_refs=_ENTITY_REFS,
        referenced_action_ids=listing(NAME, is_unique=True),
        summary=TEXT,
        status=word("attempted completed deferred discontinued in_progress outstanding planned"),
        **products(),
    )
    categories = word("adversary coordinator discoverer multiplier other public reporting_authority user vendor")
    entity = mapping("category entity_id", category=categories, contact=_CONTACT, entity_id=_ENTITY, name=TEXT)
    group = mapping(
        "entity_group_id entity_ids name",
        entity_group_id=_ENTITY_GROUP,
        entity_ids=listing(_ENTITY, 2, is_unique=True),
        name=TEXT,
        summary=TEXT,
    )
    return mapping(
        "actions entities",
        actions=listing(action, is_unique=True),
        entities=listing(entity, is_unique=True),
        entity_groups=listing(group, is_unique=True),
    )
