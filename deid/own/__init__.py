"""The patient's own data: every form of names, numbers, addresses and birth date, in a text."""
