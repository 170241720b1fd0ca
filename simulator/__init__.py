"""The Azure OpenAI API, simulated."""

__version__ = "1.0.0"
