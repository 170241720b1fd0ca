"""Conversations: made, read and changed, with the items in them; kept in the container."""
