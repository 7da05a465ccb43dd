"""The registry store: where the versions of a site's registry lie, embedded or on a server."""
