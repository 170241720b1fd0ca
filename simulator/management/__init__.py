"""The simulator's own routes, under /++/."""
