"""Rare combinations in a table that is to leave: generalised until each has k patients."""
