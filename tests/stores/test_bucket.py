from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from passmuster.errors import StoreFailed, UsageError
from passmuster.records.bucket import Absent, Lock, access_of, place_of
from tests.keeping import NOW
from tests.stores.server import Store, cut_line

_BODY = b"what was signed"
_DIGEST = hashlib.sha256(_BODY).hexdigest()


def test_an_object_is_written_once_and_held_against_its_digest_by_the_store(store: Store) -> None:
    bucket = store.at(f"s3://{store.bucket()}/deep/below")
    assert bucket.put("one", _BODY, sha256=_DIGEST)
    assert not bucket.put("one", b"another", sha256=hashlib.sha256(b"another").hexdigest())
    assert b"".join(bucket.read("one")) == _BODY
    with pytest.raises(StoreFailed, match="refuses to write"):
        bucket.put("two", _BODY, sha256="0" * 64)
    for name in ("two", "on"):
        with pytest.raises(Absent):
            list(bucket.read(name))
    with pytest.raises(Absent):
        bucket.lock_of("two")


def test_what_the_bucket_locks_nobody_with_the_keys_removes_and_versions_tell_what_was_put_over_it(
    store: Store,
) -> None:
    name = store.bucket(locked_days=3)
    bucket = store.at(f"s3://{name}")
    assert bucket.default_lock() == "COMPLIANCE, 3 days"
    bucket.put("checkpoint-1.json", _BODY, sha256=_DIGEST)
    lock = bucket.lock_of("checkpoint-1.json")
    assert lock is not None
    assert lock.mode == "COMPLIANCE"
    (first,) = bucket.versions("checkpoint-")
    with pytest.raises(ClientError, match=r"AccessDenied|Forbidden|InvalidRequest"):
        store.client.delete_object(Bucket=name, Key="checkpoint-1.json", VersionId=first.identity)
    store.client.put_object(Bucket=name, Key="checkpoint-1.json", Body=b"forged")
    store.client.delete_object(Bucket=name, Key="checkpoint-1.json")
    seen = {(each.is_removal, each.is_newest) for each in bucket.versions("checkpoint-")}
    assert seen == {(True, True), (False, False)}
    assert b"".join(bucket.read("checkpoint-1.json", first.identity)) == _BODY
    with pytest.raises(Absent):
        list(bucket.read("checkpoint-1.json"))


def test_a_lock_is_asked_for_where_the_bucket_can_lock_and_does_not_by_itself(store: Store) -> None:
    bucket = store.at(f"s3://{store.bucket(can_lock=True)}")
    assert bucket.default_lock() == ""
    bucket.put("plain", _BODY, sha256=_DIGEST)
    assert bucket.lock_of("plain") is None
    until = NOW.replace(year=NOW.year + 50)
    bucket.put("locked", _BODY, sha256=_DIGEST, lock=Lock("COMPLIANCE", until))
    lock = bucket.lock_of("locked")
    assert lock is not None
    assert abs(lock.until - until) < timedelta(seconds=1)
    assert str(lock) == f"locked until {until:%Y-%m-%d}, COMPLIANCE"
    assert store.at(f"s3://{store.bucket()}").default_lock() == ""


def test_a_line_that_breaks_leaves_nothing_and_says_that_the_store_did_not_answer(store: Store) -> None:
    url, large = f"s3://{store.bucket()}", b"x" * 2_000_000
    digest = hashlib.sha256(large).hexdigest()
    with cut_line(store, after_bytes=500_000) as broken, pytest.raises(StoreFailed, match="did not answer"):
        broken.at(url).put("large", large, sha256=digest)
    with pytest.raises(Absent):
        list(store.at(url).read("large"))
    assert store.at(url).put("large", large, sha256=digest)


def test_a_bucket_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(StoreFailed, match="nobody-made-it"):
        list(store.at("s3://nobody-made-it").versions("x"))


@pytest.mark.parametrize("text", ["", "s3://", "s3://UP", "s3://b", "/folder", "s3://abc/../x y", "http://abc/x"])
def test_what_names_no_bucket_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"SETTING.*names no bucket"):
        place_of(text, "SETTING")


_KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "very-secret"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, ("AWS_ACCESS_KEY_ID is not set", "AWS_SECRET_ACCESS_KEY is not set", "name the store")),
        (_KEYS, ("name the store",)),
        ({**_KEYS, "AWS_ENDPOINT_URL": "http://store.example.org"}, ("must begin with https://",)),
        ({"AWS_REGION": "eu-central-1"}, ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    ],
)
def test_all_that_is_missing_to_reach_a_store_is_told_at_once_and_no_secret(
    given: dict[str, str], told: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as raised:
        access_of(given)
    assert all(each in str(raised.value) for each in told)
    assert "very-secret" not in str(raised.value)
    known = access_of({**_KEYS, "AWS_REGION": "eu-central-1"})
    assert "very-secret" not in repr(known)
