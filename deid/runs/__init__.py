"""Runs over many notes: files in and out, workers, progress, resuming, and Spark."""
