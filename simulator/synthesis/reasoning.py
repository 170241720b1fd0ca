"""The length of the reasoning before an answer."""

import random

# Reasoning tokens by effort, in steps of 64 as recordings show them (192 for "low", 2025-08): the
# least and the most number of steps. The default effort is medium.
_REASONING_STEP = 64
_REASONING_STEPS = {
    "none": (0, 0),
    "minimal": (0, 0),
    "low": (1, 4),
    "medium": (4, 16),
    "high": (16, 48),
    "xhigh": (48, 128),
    "max": (96, 256),
}


def reasoning_tokens(effort: str | None, rng: random.Random) -> int:
    """Return a number of tokens as the effort suggests; 0 for a model that does not reason."""
    if effort is None:
        return 0
    least, most = _REASONING_STEPS[effort]
    return _REASONING_STEP * rng.randint(least, most)
