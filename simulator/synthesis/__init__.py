"""Synthesis of generated text, tool calls and log probabilities."""
