"""Starts the whole service on one machine, keeps it running, and stops it without a trace: `python -m launcher`."""
