"""Which JSON schemas the service accepts."""
