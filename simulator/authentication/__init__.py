"""Authentication: keys and Entra access tokens."""
