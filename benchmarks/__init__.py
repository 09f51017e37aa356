"""Times Passmuster's heavy work against peers in the same run; `python -m benchmarks`. Nothing here is a test."""
