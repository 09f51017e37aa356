"""Stage: controls x snapshot -> results."""
