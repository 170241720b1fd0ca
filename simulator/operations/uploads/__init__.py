"""Uploads: a file that comes in parts, which are put together without being copied."""
