"""Batches: created from a file of requests, looked at, cancelled; their output is made when it is due."""
