"""Who may sign in, with what duties and tokens, and what they may decide."""
