"""Stage: what the world says of vulnerabilities and changes; read, kept with its history, held against components."""
