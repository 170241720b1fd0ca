"""The package is for Python 3.13 on Linux, and so are its tests."""

import sys

if sys.version_info < (3, 13) or sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]
