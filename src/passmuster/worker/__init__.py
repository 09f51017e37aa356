"""Work in the background: due reviews, collections, expiries, reminders. Idempotent by unique keys."""
