"""Where answers come from: one module for each mode."""
