"""Image generations and edits."""
