"""The headers of requests that the service heeds."""

ANSWER_CHANGING_HEADERS = frozenset(
    {
        "anthropic-beta",
        "anthropic-version",
        "extra-parameters",
        "openai-beta",
        "x-ms-model-mesh-model-name",
        "x-ms-oai-image-generation-deployment",
        "x-ms-spillover-deployment",
        "x-policy-id",
    }
)
"""Headers that may change an answer: they are part of a recording's key."""
