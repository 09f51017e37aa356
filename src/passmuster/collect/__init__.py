"""Stage: reads platforms and exports, never judges."""
