"""Whoever signs in by password sets up a second factor before anything else."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from passmuster.application.people.signing_in import has_second_factor
from passmuster.records.models import Person

_FREE = ("/account/", "/static/", "/health")


class SecondFactorFirst:
    """Sends people to set one up; those whom an identity provider lets in have theirs there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or show the way to a second factor."""
        person = request.user
        if not isinstance(person, Person):
            return self._get_response(request)
        if request.path.startswith("/account/2fa/") and not person.has_usable_password():
            # A passkey made here would still open when the identity provider no longer lets the person in.
            return render(request, "account/factor_elsewhere.html", status=403)
        if request.path.startswith(_FREE) or not _needs_one(request, person):
            return self._get_response(request)
        if request.method in ("GET", "HEAD") and not request.path.startswith("/api/"):
            return redirect("mfa_index")
        return HttpResponse("set up a second factor first", status=403, content_type="text/plain")


def _needs_one(request: HttpRequest, person: Person) -> bool:
    ways = {record["method"] for record in get_authentication_records(request, person)}
    return "password" in ways and "socialaccount" not in ways and not has_second_factor(person)
