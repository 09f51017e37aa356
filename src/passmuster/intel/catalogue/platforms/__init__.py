"""One YAML file a platform; only data."""
