"""What is a secret, what is not, and that nothing of one is left."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.documents.secrets import REDACTED, count_secrets, fingerprint, mask_secrets, redact, strip_url

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLXRlc3Q"
SECRETS = [
    (f"key {JWT} of the owner", JWT),
    ("Authorization: Bearer abc", "abc"),
    ("curl -H 'Authorization: Basic dXNlcjpwYXNz' https://x.example", "dXNlcjpwYXNz"),
    ("proxy sends Basic dXNlcjpwYXNz upstream", "dXNlcjpwYXNz"),
    ("Cookie: n8n-auth=canary; other=1", "canary"),
    ("https://svc:p@ss@crm.example.com/x", "p@ss"),
    ("postgres://svc:pa#s/w@db.example.com/orders", "pa#s/w"),
    ("https://ghost@crm.example.com/x", "ghost"),
    ("https://x.example/hook?a=1&access_token=canary&b=2", "canary"),
    ("https://x.example/maps?key=canary", "canary"),
    ("Server=db;Password=hunter2;Database=orders", "hunter2"),
    ("AccountKey=abc/def+ghi==;EndpointSuffix=core", "abc/def+ghi=="),
    ('{"password": "ca\\"nary", "user": "svc"}', "nary"),
    ('{\\"apiKey\\":\\"canary\\"}', "canary"),
    ("const clientSecret = 'canary';", "canary"),
    ("token: `canary", "canary"),
    ("X-N8N-API-KEY: canary", "canary"),
    ("the api key is 9f8a7b6c5d4e3f2a1b0c9d8e", "9f8a7b6c5d4e3f2a1b0c9d8e"),
    ("use AKIAABCDEFGHIJKLMNOP here", "AKIAABCDEFGHIJKLMNOP"),
    ("ghp_abcdefghijklmnopqrst0123456789", "ghp_abcdefghijklmnopqrst0123456789"),
    ("xoxb-1234567890-abcdefghij", "xoxb-1234567890-abcdefghij"),
    ("sk_live_abcdefghijklmnop", "sk_live_abcdefghijklmnop"),
    ("AIzaSyA0123456789abcdefghijklmnopqrstuv", "AIzaSyA0123456789abcdefghijklmnopqrstuv"),
    ("https://hooks.slack.com/services/T000/B000/XXXXcanary", "XXXXcanary"),
    ("-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----", "canary"),
    ("-----BEGIN PRIVATE KEY-----\ncanary cut off", "canary"),
]
ORDINARY = [
    "",
    "Olive Owner <owner@example.com>",
    "40bcdf27-a002-4bd7-8a77-13d195e1d38a",
    "XJrEycruPBph7KRm",
    "sha256:" + "ab12" * 16,
    "1d09c0aff4f147c71c8fe400bd8ee9248146cc82b51d8d46a21a39bb2be03491",
    "Order intake (public hook)",
    "Basic authentication or Bearer authentication",
    "The password policy asks for 12 characters; reset your password: click here.",
    "Token refresh every 30 minutes, see token_count: 5 and max_tokens=500",
    "eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ==",
    "2026-11-23T03:16:06.121Z",
    "https://crm.example.com:8443/a/b?page=2#top",
    "n8n-nodes-base.httpRequest",
    "password: ={{ $json.password }}",
    "Authorization: Bearer {{ $json.accessToken }}",
    "DATABASE_PASSWORD=${DB_PASSWORD}",
    "const token = process.env.TOKEN;",
    "password: null, secret: true",
    "a design=thing",
    '["apiKey:create", "encryptionKey:manage", "credential:shareGlobally", "token:*", "credential:owner"]',
    "mcpApiKey:rotate",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_masked_and_the_text_says_so(text: str, secret: str) -> None:
    masked = mask_secrets(text)

    assert secret not in masked
    assert REDACTED in masked


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_ids_and_expressions_stay_as_they_are(text: str) -> None:
    assert mask_secrets(text) == text
    assert count_secrets(text) == 0


@pytest.mark.parametrize("text", [text for text, _ in SECRETS] + ORDINARY)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


def test_what_stands_around_a_secret_is_kept() -> None:
    assert mask_secrets("https://u:p@h.example/x?token=abc123&page=2") == (
        "https://[redacted]@h.example/x?token=[redacted]&page=2"
    )
    assert mask_secrets("(password=abc)") == "(password=[redacted])"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"password": "abc"}, 1),
        ({"password": "={{ $json.password }}", "apiKey": "$env.KEY", "token": ""}, 0),
        ({"authorization": "Bearer {{ $json.token }}"}, 0),
        ({"parameters": [{"name": "X-Api-Key", "value": "abc"}, {"name": "Accept", "value": "text/plain"}]}, 1),
        ({"apiKey": "******ww2Y", "maxTokens": 5000, "hasPassword": True, "tokenUrl": "https://x.example/token"}, 0),
        ({"pin": 4, "password": 12345678}, 1),
        ({"url": "https://a:b@c.example/?token=d"}, 2),
        ({"jsCode": "const token = readToken(); return items[0].json.token"}, 0),
        ({"jsCode": "const token = 'abc';"}, 1),
        ([["Server=db;Password=hunter2"]], 1),
    ],
)
def test_secrets_in_nested_json_are_counted_by_place(value: Any, count: int) -> None:
    assert count_secrets(value) == count


def test_redacting_masks_by_key_name_by_pair_and_by_pattern() -> None:
    record = {
        "id": "XJrEycruPBph7KRm",
        "apiKey": "******ww2Y",
        "oauth": {"clientSecret": "canary", "nested": {"password": {"value": "canary"}}},
        "headers": [{"name": "Authorization", "value": "canary"}],
        "tokens": ["canary", 12],
        "hasPassword": True,
        "note": f"uses {JWT}",
        "url": "https://u:canary@x.example",
        "password": "={{ $json.p }}",
    }

    masked = redact(record)

    assert "canary" not in str(masked)
    assert JWT not in str(masked)
    assert (masked["id"], masked["hasPassword"], masked["password"]) == (record["id"], True, "={{ $json.p }}")
    assert masked["apiKey"] == REDACTED


def test_json_nested_deeper_than_any_real_record_is_masked_and_does_not_overflow() -> None:
    value: Any = "canary"
    for _ in range(5000):
        value = [value]

    assert "canary" not in str(redact(value))
    assert count_secrets(value) == 0


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://u:p@h.example:8443/p/q?x=1#f", "https://h.example:8443/p/q"),
        ("h.example/x?token=canary", "h.example/x"),
        ("http://[bad?token=canary", "http://[bad"),
        ("https://hooks.slack.com/services/T000/B000/canary", "https://hooks.slack.com/services/[redacted]"),
        ("", ""),
    ],
)
def test_an_address_loses_userinfo_query_and_fragment(url: str, bare: str) -> None:
    assert strip_url(url) == bare


def test_fingerprints_tell_equal_secrets_and_need_a_key() -> None:
    assert fingerprint("a", "k") == fingerprint("a", "k") != fingerprint("b", "k")
    assert fingerprint("a", "k") != fingerprint("a", "other")
    assert fingerprint("a", None) is None
    assert fingerprint("a", "") is None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "password=" * 20_000,
        "password=x{{" * 20_000,
        "token='" * 20_000,
        "http://" + "a:" * 100_000,
        "?a" * 100_000,
    ],
)
def test_long_text_is_masked_in_linear_time(text: str) -> None:
    # The time of this process alone: what else the machine does is not counted.
    started = time.process_time()
    mask_secrets(text)

    assert time.process_time() - started < 5


@given(st.text(max_size=300))
def test_any_text_is_masked_without_fault_and_stably(text: str) -> None:
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["password", "name", "value", "x"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_nothing_countable_is_left_after_redacting(value: Any) -> None:
    assert count_secrets(redact(value)) == 0
