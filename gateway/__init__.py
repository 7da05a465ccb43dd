"""The processes: a site, a coordinator, their commands and what travels between them."""
