"""A site's own outcomes in exact figures, for its own people: no release, and no way out."""
