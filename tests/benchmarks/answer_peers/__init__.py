"""What ``tests.benchmarks.peers`` measures with. The scripts run in the environments of the peers."""
