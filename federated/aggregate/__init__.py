"""Exact aggregates: how a site counts. What is computed here never leaves it without noise."""
