"""The wire format: bodies, queries, events, headers and ids."""
