"""The site's processes: answering, serving, auditing."""
