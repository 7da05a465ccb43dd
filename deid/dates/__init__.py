"""Dates in clinical prose: found, read, and written as another day or as days from diagnosis."""
