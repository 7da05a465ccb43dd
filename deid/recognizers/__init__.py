"""Our own recognisers: functions from a text to spans, rules only, no language model."""
