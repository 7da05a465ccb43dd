"""Generated from protos/gateway/wire/v1; `make` regenerates, tests compare."""
