"""The fleet: several resources in one process, and what happens to them on a timeline."""
