import gc

import pytest

from simulator.commands.loading import without_collections


def test_garbage_is_collected_again_when_the_app_is_loaded_or_cannot_be() -> None:
    with without_collections():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError), without_collections():
        raise ImportError
    assert gc.isenabled()
