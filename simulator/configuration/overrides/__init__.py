"""Overrides: changes of the configuration at run time."""
