"""Clinic, operative and pathology notes that agree with the record they belong to."""
