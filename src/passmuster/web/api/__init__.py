"""The HTTP API: what the pages show and do, for programs; every action is the use case the pages call."""
