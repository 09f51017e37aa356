"""Where the keeper's files lie, and the newest look among them."""
