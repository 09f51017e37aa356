"""Reading several tables as they were at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_view() -> Iterator[None]:
    """Whatever is read inside was true at the same moment, whoever writes meanwhile.

    Inside a transaction that runs already it is as consistent as that one.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                # It waits for files and programs, and holds up nobody meanwhile.
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
