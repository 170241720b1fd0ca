"""The sources of answers: one module for each mode."""
