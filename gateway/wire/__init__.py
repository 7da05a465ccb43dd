"""The wire contract: frames as plain dataclasses; protobuf is seen nowhere else."""
