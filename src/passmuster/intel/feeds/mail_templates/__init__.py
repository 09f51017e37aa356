"""Example mail templates; a user's own are tried before them."""
