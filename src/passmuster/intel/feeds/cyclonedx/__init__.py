"""CycloneDX 1.4 to 1.7: a bill of materials as components, and what it says of vulnerabilities (VEX)."""
