"""Node-RED, read through its admin API."""
