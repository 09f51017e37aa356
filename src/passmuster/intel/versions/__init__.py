"""Which of two versions comes first, by the rules of whoever numbers them; what cannot be ordered stays unordered."""
