"""The policies that ship, one YAML file each, and the JSON Schema of the format."""
