"""Use cases: one verb, one function, one transaction, one event in the record."""
