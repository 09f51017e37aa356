"""Every version of every record, with when it was seen: an append-only folder of immutable batches."""
