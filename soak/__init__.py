"""Long runs against the simulator: mixed requests that may not make it grow, and mutated ones."""
