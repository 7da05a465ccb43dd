"""Source files: what they are, and their rows as the dictionary sees them."""
