"""The site console: read-only pages for the people of one site, on their own machine."""
