"""The coordinator: journals questions, offers them to sites, countersigns, combines."""
