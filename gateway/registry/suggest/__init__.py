"""A first draft of a site map, from names, labels and values, for a person to edit."""
