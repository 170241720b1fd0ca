"""Regular expressions of schemas: which are any, what matches them, and texts that do."""
