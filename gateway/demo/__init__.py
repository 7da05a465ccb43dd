"""The demonstration: a synthetic registry and the network that runs on it."""
