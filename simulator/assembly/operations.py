"""The list of operations: one line each."""

from typing import Any

from simulator.management.base import ManagementOperation
from simulator.management.config import ChangeConfig, Config, ResetConfig
from simulator.management.console import Console, ConsoleFile
from simulator.management.costs import ShowCosts
from simulator.management.health import Health, Ready
from simulator.management.limits import ShowLimits
from simulator.management.metrics import Metrics
from simulator.management.recordings import OneRecording, ShowRecordings
from simulator.management.requests import ForgetRequests, OneRequest, Requests
from simulator.management.reset import Reset
from simulator.management.root import Root
from simulator.management.rules import (
    AddRules,
    ClearRules,
    DeleteRule,
    ListRules,
    ReplaceRules,
    SwitchRule,
)
from simulator.management.save_recordings import SaveRecordings
from simulator.management.scenario import ShowScenario, StartScenario, StopScenario
from simulator.management.verdict import ShowVerdict
from simulator.operations.anthropic.messages import CountTokens, Messages
from simulator.operations.audio.speech import AudioSpeech
from simulator.operations.audio.transcribing import AudioTranscriptions, AudioTranslations
from simulator.operations.base import Operation
from simulator.operations.batches.creation import CreateBatch
from simulator.operations.batches.listing import ListBatches
from simulator.operations.batches.one_batch import CancelBatch, RetrieveBatch
from simulator.operations.chat.completions import ChatCompletions
from simulator.operations.completions.completions import Completions
from simulator.operations.conversations.conversations import (
    CreateConversation,
    DeleteConversation,
    RetrieveConversation,
    UpdateConversation,
)
from simulator.operations.conversations.items import (
    AddConversationItems,
    DeleteConversationItem,
    ListConversationItems,
    RetrieveConversationItem,
)
from simulator.operations.embeddings.embeddings import Embeddings
from simulator.operations.files.listing import ListFiles
from simulator.operations.files.stored import DeleteFile, FileContent, RetrieveFile
from simulator.operations.files.upload import UploadFile
from simulator.operations.images.download import KeptImage
from simulator.operations.images.edits import ImagesEdits
from simulator.operations.images.generations import ImagesGenerations
from simulator.operations.model_info import ModelInfo
from simulator.operations.models import Models, OneModel
from simulator.operations.project_deployments import ProjectDeployment, ProjectDeployments
from simulator.operations.responses.compact import CompactResponses
from simulator.operations.responses.input_tokens import ResponsesInputTokens
from simulator.operations.responses.responses import Responses
from simulator.operations.responses.stored import (
    CancelResponse,
    DeleteResponse,
    ResponseInputItems,
    RetrieveResponse,
)
from simulator.operations.stored_chat.completions import (
    DeleteStoredChat,
    ListStoredChat,
    RetrieveStoredChat,
    StoredChatMessages,
    UpdateStoredChat,
)
from simulator.operations.uploads.creation import CreateUpload
from simulator.operations.uploads.ending import CancelUpload, CompleteUpload
from simulator.operations.uploads.parts import AddUploadPart
from simulator.operations.webhooks.endpoints import (
    CreateWebhook,
    DeleteWebhook,
    ListEventTypes,
    ListWebhooks,
    RetrieveWebhook,
    RotateWebhookSecret,
    TryWebhook,
    UpdateWebhook,
)

API: tuple[type[Operation[Any]], ...] = (
    AudioSpeech,
    AudioTranscriptions,
    AudioTranslations,
    CreateBatch,
    ListBatches,
    RetrieveBatch,
    CancelBatch,
    ChatCompletions,
    Completions,
    Embeddings,
    UploadFile,
    ListFiles,
    RetrieveFile,
    FileContent,
    DeleteFile,
    CreateUpload,
    AddUploadPart,
    CompleteUpload,
    CancelUpload,
    ImagesEdits,
    ImagesGenerations,
    KeptImage,
    Messages,
    CountTokens,
    ModelInfo,
    Models,
    OneModel,
    ProjectDeployments,
    ProjectDeployment,
    Responses,
    RetrieveResponse,
    ResponseInputItems,
    CancelResponse,
    DeleteResponse,
    ResponsesInputTokens,
    CompactResponses,
    CreateConversation,
    RetrieveConversation,
    UpdateConversation,
    DeleteConversation,
    ListConversationItems,
    AddConversationItems,
    RetrieveConversationItem,
    DeleteConversationItem,
    ListStoredChat,
    RetrieveStoredChat,
    StoredChatMessages,
    UpdateStoredChat,
    DeleteStoredChat,
    CreateWebhook,
    ListWebhooks,
    RetrieveWebhook,
    UpdateWebhook,
    RotateWebhookSecret,
    TryWebhook,
    DeleteWebhook,
    ListEventTypes,
)
"""The operations of Azure OpenAI."""

MANAGEMENT: tuple[type[ManagementOperation[Any]], ...] = (
    Root,
    Health,
    Ready,
    Config,
    ChangeConfig,
    ResetConfig,
    ListRules,
    Reset,
    AddRules,
    ReplaceRules,
    ClearRules,
    DeleteRule,
    SwitchRule,
    ShowScenario,
    StartScenario,
    StopScenario,
    SaveRecordings,
    Metrics,
    Requests,
    OneRequest,
    ForgetRequests,
    ShowLimits,
    ShowRecordings,
    OneRecording,
    ShowVerdict,
    ShowCosts,
    Console,
    ConsoleFile,
)
"""The simulator's own."""

OPERATIONS: tuple[type[Operation[Any]], ...] = (*API, *MANAGEMENT)
