"""The content filter: what is found in prompts and answers, and what clients see of it."""
