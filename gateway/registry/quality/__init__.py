"""Quality of a load, in the terms of Kahn and others (eGEMs 2016): conformance, completeness and
plausibility (uniqueness, atemporal, temporal), and how observation went. For the site's own eyes.
"""
