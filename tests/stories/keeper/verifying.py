"""Having the whole record verified: somebody asks for it, a worker does it, and the result is read."""

from __future__ import annotations

from tests.stories.keeper.faces import Face
from tests.stories.keeper.house import House


def the_record_holds(face: Face, house: House) -> bool:
    """As whoever is signed in, who must be allowed to read the record."""
    face.have_record_verified()
    house.work()
    return face.record_holds()
