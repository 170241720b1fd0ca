"""Sampling of instances of a JSON schema."""
