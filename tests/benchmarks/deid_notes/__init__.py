"""Invented notes of orthopaedic oncology with every identifier marked, for measuring de-identification.

Written from the list of identifiers in 45 CFR 164.514(b)(2) and from how clinic notes look, without
looking at the recognisers; the names are in none of their lists. The sample that is measured is
frozen by its digest (tests/unit/benchmarks/test_deid_notes.py): it is not to be tuned by results.

    python -m tests.benchmarks.deid_notes FOLDER        # gold.jsonl and patients.csv
"""
