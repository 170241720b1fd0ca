"""Rules: what matching requests get instead of what they would get otherwise."""
