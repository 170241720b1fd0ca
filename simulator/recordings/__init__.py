"""Recorded exchanges: their format, their names and the stores they live in."""
