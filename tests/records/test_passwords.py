"""How passwords are kept; elsewhere the tests make people with the cheapest hash there is."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.test import override_settings

from tests.keeping import SHIPPED_HASHERS

_PASSWORD = "correct horse ada"


@override_settings(PASSWORD_HASHERS=SHIPPED_HASHERS)
def test_a_password_is_kept_at_a_cost_that_makes_guessing_dear() -> None:
    kept = make_password(_PASSWORD)
    told = identify_hasher(kept).decode(kept)
    # The least that OWASP's cheat sheet on storing passwords asks of Argon2id: 19 MiB, twice over.
    assert (told["algorithm"], told["variety"]) == ("argon2", "argon2id")
    assert told["memory_cost"] >= 19 * 1024
    assert told["time_cost"] >= 2
    assert _PASSWORD not in kept
    assert check_password(_PASSWORD, kept)
    assert not check_password(_PASSWORD.upper(), kept)


def test_a_hash_that_cost_too_little_is_made_anew_when_its_owner_comes() -> None:
    cheap, again = make_password(_PASSWORD), []
    with override_settings(PASSWORD_HASHERS=SHIPPED_HASHERS):
        assert check_password(_PASSWORD, cheap, setter=again.append)
    assert again == [_PASSWORD]
