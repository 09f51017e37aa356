"""Plans, the changes they make, and the gates on their way to a verified end."""
