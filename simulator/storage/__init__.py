"""Storage: containers of named blobs."""
