"""What is asked of others: evidence from vendors, a word from legal and privacy."""
