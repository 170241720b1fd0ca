"""Instances of JSON schemas, and the checks of schemas that the real service makes."""
