"""Build dist/package.zip: the app with its libraries, for deployments without a build in Azure.

    python scripts/package.py                        libraries from the package registry
    python scripts/package.py --from wheelhouse      from the folder that `make wheelhouse` fills
    python scripts/package.py --from environment     from this environment, on Linux alone

The libraries are for Linux x86_64 and Python 3.13, whatever the machine; the interpreter must be a
3.13 too, because pip chooses by the version of its own.
"""

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
PINS = ROOT / "requirements.in"
"""What people wrote; `make lock` made the file above of it."""
WHEELHOUSE = ROOT / "wheelhouse"
LIBRARIES = Path(".python_packages/lib/site-packages")
GLIBC = ("2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
TARGET = (
    *(f"--platform=manylinux_{version}_x86_64" for version in GLIBC),
    *("--platform=manylinux2014_x86_64", "--python-version=3.13", "--only-binary=:all:"),
)

Source = Callable[[Path], None]


def ignored(path: Path, patterns: list[str]) -> bool:
    """Whether .funcignore leaves a file or folder out."""
    verdicts = [
        not pattern.startswith("!")
        for pattern in patterns
        if fnmatch.fnmatch(path.name, pattern.removeprefix("!"))
    ]
    return bool(verdicts) and verdicts[-1]


def app_files(root: Path) -> Iterator[Path]:
    """What of the project is deployed, relative to its root."""
    lines = (root / ".funcignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    for name, folders, files in os.walk(root):
        folder = Path(name)
        folders[:] = [
            name
            for name in folders
            if name != LIBRARIES.parts[0] and not ignored(Path(name), patterns)
        ]
        yield from (
            (folder / name).relative_to(root) for name in files if not ignored(Path(name), patterns)
        )


def from_pip(*options: str) -> Source:
    """Libraries that pip finds, as wheels for Azure."""

    def install(target: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        found = subprocess.run(
            [*pip, "--no-compile", "--target", str(target), *TARGET, *options, "-r", REQUIREMENTS],
            check=False,
        )
        if found.returncode:
            raise SystemExit("package: pip found not every library as a wheel, see above")

    return install


def from_environment(target: Path) -> None:
    """Copies the pinned libraries, and what they need, out of the environment that runs this."""
    if sysconfig.get_platform() != "linux-x86_64":
        raise SystemExit("package: libraries of this environment are not for Linux x86_64")
    for distribution in needed_distributions():
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and file.suffix != ".pyc" and source.is_file():
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target / file)


def needed_distributions() -> Iterator[metadata.Distribution]:
    """The distributions that requirements.in names, and theirs in turn, each one once."""
    from packaging.requirements import Requirement  # comes with the tools that test

    lines = PINS.read_text(encoding="utf-8").splitlines()
    waiting = [(Requirement(line), "") for line in lines if line and not line.startswith("#")]
    seen: set[tuple[str, str]] = set()
    copied: set[str] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        distribution = metadata.distribution(requirement.name)
        if distribution.name not in copied:
            copied.add(distribution.name)
            yield distribution
        for wanted in {"", *requirement.extras}:
            if (distribution.name, wanted) not in seen:
                seen.add((distribution.name, wanted))
                waiting += [(Requirement(line), wanted) for line in distribution.requires or ()]


SOURCES: dict[str, Source] = {
    "registry": from_pip(),
    "wheelhouse": from_pip("--no-index", "--find-links", str(WHEELHOUSE)),
    "environment": from_environment,
}


def fill_wheelhouse() -> None:
    """Everything that a machine without a network needs: to package, to run and to test."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    commands = (
        ["download", *TARGET, "-d", WHEELHOUSE, "-r", REQUIREMENTS],
        [
            "wheel",
            "--find-links",
            WHEELHOUSE,
            "-w",
            WHEELHOUSE,
            "-r",
            ROOT / "requirements-dev.txt",
        ],
    )
    for command in commands:
        if subprocess.run([*pip, *command], check=False).returncode:
            raise SystemExit("wheelhouse: pip could not fetch everything, see above")


def build(source: Source, output: Path, *, level: int) -> None:
    """Makes the folder `output`/package and the zip beside it."""
    folder = output / "package"
    shutil.rmtree(folder, ignore_errors=True)
    for file in app_files(ROOT):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, folder / file)
    source(folder / LIBRARIES)
    stored = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
    with zipfile.ZipFile(output / "package.zip", "w", stored, compresslevel=level) as package:
        for path in sorted(folder.rglob("*")):
            package.write(path, path.relative_to(folder))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="source", choices=SOURCES, default="registry")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder of the zip")
    parser.add_argument("--level", type=int, default=6, help="of compression; 0 is none")
    parser.add_argument("--wheelhouse", action="store_true", help="fill wheelhouse/ instead")
    options = parser.parse_args(arguments)
    if sys.version_info[:2] != (3, 13):
        raise SystemExit("package: needs Python 3.13, on which Azure runs the app; see PYTHON=")
    if options.source == "wheelhouse" and not WHEELHOUSE.is_dir():
        raise SystemExit("package: there is no wheelhouse/; 'make wheelhouse' fills it, online")
    if options.wheelhouse:
        fill_wheelhouse()
    else:
        build(SOURCES[options.source], options.output, level=options.level)
        print(f"package: {options.output / 'package.zip'}")


if __name__ == "__main__":
    main()
