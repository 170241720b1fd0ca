"""What is built once for all tests; the zip is for Python 3.13 on Linux, and so are its tests."""

import sys

from tests.support.wheel import distributions, environment, once, wheel

__all__ = ["distributions", "environment", "once", "wheel"]

if sys.version_info < (3, 13) or sys.platform != "linux":
    collect_ignore_glob = ["test_package.py"]
