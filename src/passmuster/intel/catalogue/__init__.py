"""What is known of no-code platforms: the names advisories use, who runs and who patches them."""
