"""Claude on Foundry: Anthropic's Messages API, below `/anthropic`."""
