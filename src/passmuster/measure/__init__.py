"""Stage: metrics over time, from plain values."""
