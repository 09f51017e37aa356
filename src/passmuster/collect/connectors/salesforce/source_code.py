"""Apex classes and triggers from a folder: apps of one step, and the addresses that some of them answer at."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import text_of
from passmuster.collect.connectors.salesforce.source_files import SourceFile
from passmuster.documents.secrets import count_secrets

_MOST_CHARACTERS = 2_000_000
# Strings and comments that do not end run to the end of the line or of the text, so that each character is read once.
_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)")
# A string, or a comment: `//` within a string begins no comment.
_STRING_OR_COMMENT = re.compile(r"('(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z))|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
_REST = re.compile(r"@RestResource\s{0,9}\(\s{0,9}urlMapping\s{0,9}=\s{0,9}'([^'\n]{1,200})'", re.IGNORECASE)
_SOAP = re.compile(r"\bwebservice\s{1,9}static\b", re.IGNORECASE)
_METHODS = re.compile(r"@Http(Get|Post|Put|Patch|Delete)\b", re.IGNORECASE)
_CALLOUT = re.compile(r"\bcallout:\s{0,9}([A-Za-z]\w{0,79})", re.IGNORECASE)
_SERVICE = re.compile(r"\bExternalService\s{0,9}\.\s{0,9}([A-Za-z]\w{0,79})", re.IGNORECASE)
_DYNAMIC = re.compile(
    r"\b(?:Database\s{0,9}\.\s{0,9}(?:query|countQuery|getQueryLocator|queryWithBinds)|Search\s{0,9}\.\s{0,9}query)\s{0,9}\(",
    re.IGNORECASE,
)
_LONGEST_QUERY = 4_000
_MOST_QUERIES = 1_000
# A secret in code stands in a string, in a run of characters too long for a word; other lines need not be looked at.
_LONG_LITERAL = re.compile(r"'[^'\n]*[^\s']{8}")
_ESCAPED = re.compile(r"String\s{0,9}\.\s{0,9}escapeSingleQuotes|queryWithBinds", re.IGNORECASE)
_TEST = re.compile(r"@IsTest\b|\btestMethod\b", re.IGNORECASE)


def code_of(name: str, root: Element, content: str | None, services: Mapping[str, str]) -> Row | None:
    """App, step and endpoints of one class or trigger; None where the file describes neither.

    `content` is its source, None where that is not there: then what only the source tells is not known. `services` maps
    external services to the named credential each calls by.
    """
    if root.tag not in ("ApexClass", "ApexTrigger"):
        return None
    kind = "class" if root.tag == "ApexClass" else "trigger"
    app_id = f"apex/{kind}/{name}"
    status = text_of(root, "status")
    is_active = {"Active": True, "Inactive": False, "Deleted": False}.get(status or "")
    is_test = bool(content and _TEST.search(content))
    return {
        "app": {
            "app_id": app_id,
            "environment_id": ENVIRONMENT_ID,
            "kind": "script",
            "name": name,
            "is_active": is_active,
            "version": None,
            "raw": {"apiVersion": text_of(root, "apiVersion"), "status": status, "isTest": is_test},
        },
        "steps": [
            {"app_id": app_id, "step_id": "code", "name": name, "step_type": root.tag, **_facts(content)},
            *_callouts(app_id, root.tag, content or "", services),
        ],
        "endpoints": _endpoints(app_id, name, content) if content and not is_test else [],
    }


def content_beside(file: SourceFile) -> str | None:
    """The source beside a `-meta.xml`; None where it is not there, cannot be read or is far too long."""
    path = Path(str(file.path).removesuffix("-meta.xml"))
    if path == file.path or path.is_symlink():
        return None
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            content = stream.read(_MOST_CHARACTERS + 1)
    except OSError:
        return None
    # A class that a managed package hides comes as the word (hidden) alone.
    return None if len(content) > _MOST_CHARACTERS or content.strip() == "(hidden)" else content


def _facts(content: str | None) -> Row:
    if content is None:
        return {"category": "script", "is_enabled": True}
    code = _without_comments(content)
    heads = itertools.islice(_DYNAMIC.finditer(code), _MOST_QUERIES)
    queries = [_statement(code, match.start()) for match in heads]
    pasted = [query for query in queries if "+" in _STRING.sub("''", query) and not _ESCAPED.search(query)]
    return {
        "category": "script",
        "is_enabled": True,
        "has_expression_in_query": bool(pasted) if queries else None,
        "secret_hits": count_secrets("\n".join(line for line in code.splitlines() if _LONG_LITERAL.search(line))),
    }


def _statement(code: str, start: int) -> str:
    """From a place to the end of its statement; a semicolon within a string does not end it."""
    text = code[start : start + _LONGEST_QUERY]
    blank = _STRING.sub(lambda match: "_" * len(match.group()), text)
    end = blank.find(";")
    return text[:end] if end >= 0 else text


def _callouts(app_id: str, step_type: str, content: str, services: Mapping[str, str]) -> list[Row]:
    """One step a named credential that the code calls by, itself or through an external service."""
    code = _without_comments(content)
    names = set(_CALLOUT.findall(code))
    names |= {services[service] for service in _SERVICE.findall(code) if service in services}
    return [
        {
            "app_id": app_id,
            "step_id": f"callout/{name}",
            "name": name,
            "step_type": step_type,
            "category": "http",
            "connection_id": f"namedCredential/{name}",
            "is_enabled": True,
        }
        for name in sorted(names)
    ]


def _endpoints(app_id: str, name: str, content: str) -> list[Row]:
    code = _without_comments(content)
    found: list[Row] = []
    rest = _REST.search(code)
    if rest:
        methods = sorted({method.upper() for method in _METHODS.findall(code)})
        found.append(_endpoint(app_id, f"/services/apexrest{_slashed(rest.group(1))}", methods))
    if _SOAP.search(code):
        found.append(_endpoint(app_id, f"/services/Soap/class/{name}", ["POST"]))
    return found


def _endpoint(app_id: str, path: str, methods: list[str]) -> Row:
    return {
        "endpoint_id": f"{app_id}{path}",
        "app_id": app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "api",
        "url": path,
        # Whoever calls it is a user of the organisation, unless a site's guest profile may run the class.
        "auth_mode": "platform",
        "tls_min": "1.2",
        "methods": methods,
    }


def _slashed(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _without_comments(content: str) -> str:
    return _STRING_OR_COMMENT.sub(lambda match: match.group(1) or " ", content)
