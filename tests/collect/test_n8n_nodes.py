"""What n8n's node types, parameters and scopes mean."""

from __future__ import annotations

import pytest

from passmuster.collect.connectors.n8n.capabilities import capability_of, is_administrator
from passmuster.collect.connectors.n8n.nodes import category_of, destination_of, has_expression_in_query


@pytest.mark.parametrize(
    ("node_type", "category"),
    [
        ("n8n-nodes-base.httpRequest", "http"),
        ("n8n-nodes-base.httpRequestTool", "http"),
        ("n8n-nodes-base.code", "script"),
        ("@n8n/n8n-nodes-langchain.code", "script"),
        ("n8n-nodes-base.executeCommand", "command"),
        ("n8n-nodes-base.readWriteFile", "filesystem"),
        ("n8n-nodes-base.mySql", "sql"),
        ("n8n-nodes-base.scheduleTrigger", "trigger"),
        ("n8n-nodes-base.slack", "connector"),
        ("n8n-nodes-base.if", "logic"),
        ("@n8n/n8n-nodes-langchain.lmChatOpenAi", "ai"),
        ("n8n-nodes-other.code", "connector"),
        ("n8n-nodes-other.thingTrigger", "trigger"),
    ],
)
def test_nodes_have_categories(node_type: str, category: str) -> None:
    assert category_of(node_type) == category


@pytest.mark.parametrize(
    ("url", "scheme", "host"),
    [
        ("https://crm.example/x?token=1", "https", "crm.example"),
        ("=https://crm.example/{{ $json.id }}", "https", "crm.example"),
        ("=https://{{ $json.host }}/x", "https", None),
        ("={{ $json.url }}", None, None),
        ("https://user:pw@crm.example:8443", "https", "crm.example"),
        ("crm.example", None, None),
        ("https://[::1", "https", None),
    ],
)
def test_destinations_are_read_as_far_as_they_are_written(url: str, scheme: str | None, host: str | None) -> None:
    found = destination_of({"parameters": {"url": url}})

    assert (found.scheme, found.host) == (scheme, host)


def test_what_a_query_gets_is_not_guessed_where_a_template_decides() -> None:
    assert has_expression_in_query({"parameters": {"operation": "={{ $json.op }}"}}, "sql") is None
    assert has_expression_in_query({"parameters": {"query": "select 1"}}, "http") is None


@pytest.mark.parametrize(
    ("scope", "capability"),
    [
        ("user:changeRole", "manage_roles"),
        ("user:create", "manage_users"),
        ("communityPackage:install", "install_addons"),
        ("workflow:read", "read_all"),
        ("tag:update", "update"),
        ("banner:dismiss", None),
        ("communityPackage:list", "read"),
    ],
)
def test_scopes_have_common_words(scope: str, capability: str | None) -> None:
    assert capability_of(scope, is_global=True) == capability


def test_only_roles_that_manage_people_or_roles_administer() -> None:
    assert is_administrator(["role:manage"])
    assert not is_administrator(["user:list", "tag:create", "workflow:update"])
