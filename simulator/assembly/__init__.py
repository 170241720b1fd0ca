"""Puts a simulator together from its settings."""
