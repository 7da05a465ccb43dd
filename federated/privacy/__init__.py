"""The guarantee: unit, loss, measurement, ledger and release. README.md and PROOFS.md say
what is promised, what is not, and why it holds.
"""
