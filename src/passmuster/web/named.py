"""People by the names they have, where the record holds their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from passmuster.records.models import Person

_OURS = "passmuster"


def names_of(addresses: Iterable[str]) -> Mapping[str, str]:
    """A name for each address; one that nobody has stays as it is, and the keeper's own is Passmuster."""
    wanted = set(addresses)
    known = dict(Person.objects.filter(email__in=wanted).values_list("email", "name"))
    return {each: "Passmuster" if each == _OURS else known.get(each) or each for each in wanted}
