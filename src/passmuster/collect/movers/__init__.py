"""What people bring from other tools: one module a format, each from a document to rows of a register."""
