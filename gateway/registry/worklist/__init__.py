"""Who needs somebody, by name: made at load, kept encrypted, read by the site's own people only."""
