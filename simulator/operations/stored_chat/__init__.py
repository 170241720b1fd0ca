"""Stored chat completions: kept with `store`, then listed, read, changed and deleted."""
