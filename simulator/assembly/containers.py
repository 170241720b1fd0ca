"""The choice of the container for what must outlive a process: blobs, a folder, or memory."""

from pathlib import Path

from simulator.configuration.overrides.document import KeptIn
from simulator.configuration.settings import Settings
from simulator.operations.batches.store import FOLDER as BATCHES
from simulator.operations.conversations.store import FOLDER as CONVERSATIONS
from simulator.operations.files.store import FOLDER as FILES
from simulator.operations.images.store import FOLDER as IMAGES
from simulator.operations.responses.store import FOLDER as RESPONSES
from simulator.operations.stored_chat.store import FOLDER as COMPLETIONS
from simulator.operations.webhooks.owed import OWED as OWED_EVENTS
from simulator.operations.webhooks.store import SENT as SENT_EVENTS
from simulator.storage.azure_blobs import RETRY_AFTER, BlobContainer
from simulator.storage.container import Container
from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer

DEFAULT_FOLDER = ".recording"
# Bytes. Every response is kept unless its request says otherwise, so a load test keeps them all.
MEMORY_FOR_RESPONSES = 64 * 2**20
MEMORY_FOR_CONVERSATIONS = 64 * 2**20
MEMORY_FOR_COMPLETIONS = 64 * 2**20
MEMORY_FOR_SENT_EVENTS = 2**20
MEMORY_FOR_OWED_EVENTS = 4 * 2**20
MEMORY_FOR_FILES = 256 * 2**20
MEMORY_FOR_IMAGES = 64 * 2**20
MEMORY_FOR_BATCHES = 64 * 2**20


def choose_container(settings: Settings) -> Container:
    """Return blobs if a storage account is set (on Azure there always is one); else the folder;
    memory if the simulator only generates and has neither.
    """
    if settings.mode == "generate" and not settings.recording_dir and settings.storage is None:
        bounds = {
            RESPONSES: MEMORY_FOR_RESPONSES,
            CONVERSATIONS: MEMORY_FOR_CONVERSATIONS,
            COMPLETIONS: MEMORY_FOR_COMPLETIONS,
            OWED_EVENTS: MEMORY_FOR_OWED_EVENTS,
            SENT_EVENTS: MEMORY_FOR_SENT_EVENTS,
            IMAGES: MEMORY_FOR_IMAGES,
            BATCHES: MEMORY_FOR_BATCHES,
        }
        # The newest file has room, however large a body may be.
        bounds[FILES] = max(MEMORY_FOR_FILES, 2 * settings.max_body_mb * 2**20)
        return MemoryContainer(bounds)
    return choose_recordings(settings)


def kind_of(container: Container) -> KeptIn:
    if isinstance(container, BlobContainer):
        return "blobs"
    return "folder" if isinstance(container, FolderContainer) else "memory"


def recordings_place(settings: Settings) -> str:
    """Return where recordings are, in words for people."""
    if settings.storage is not None:
        account = settings.storage.account_url or "the storage account of the connection string"
        return f"the container {settings.recording_container} in {account}"
    return f"the folder {settings.recording_dir or DEFAULT_FOLDER}"


def choose_recordings(settings: Settings, *, retry_after: int = RETRY_AFTER) -> Container:
    """Return the container of the recordings, which is the same in every mode; blobs are asked again
    `retry_after` seconds after they did not answer.
    """
    if settings.storage is not None:
        return BlobContainer(
            settings.storage,
            settings.recording_container,
            timeout=settings.storage_timeout,
            retry_after=retry_after,
        )
    root = Path(settings.recording_dir or DEFAULT_FOLDER)
    return FolderContainer(root, timeout=settings.storage_timeout)
