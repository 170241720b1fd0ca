"""tiktoken itself, with the rank files of the repository: what counts are held against."""

import functools
import os
from unittest import mock

import tiktoken

from simulator.catalogue.models import find_model
from simulator.tokens.tokenizer import RANK_FILES


@functools.cache
def encoding_of(model: str) -> tiktoken.Encoding:
    with mock.patch.dict(os.environ, {"TIKTOKEN_CACHE_DIR": str(RANK_FILES)}):
        return tiktoken.get_encoding(find_model(model).encoding)
