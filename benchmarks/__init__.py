"""Slow and hardware-bound figures: `make bench`, or `python -m benchmarks --help`. Nothing here is a test."""
