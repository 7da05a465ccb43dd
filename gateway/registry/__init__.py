"""The local registry: source file → site map → validate → derive → de-identify → store."""
