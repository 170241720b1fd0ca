"""The rules by which the service accepts a JSON schema."""
