"""The limit of open files, which is also that of connections."""

import sys

_UNKNOWN = 1_024


def raise_limit() -> int:
    """Raise the soft limit to the hard one, and return it; Windows has none."""
    if sys.platform == "win32":
        return _UNKNOWN
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
