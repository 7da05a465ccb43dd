"""What ``tests.benchmarks.answer`` measures with."""
