"""Reading files of outsiders within limits, and writing ours so that they are whole or absent."""
