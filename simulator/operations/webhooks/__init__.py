"""Webhooks: endpoints which hear of responses in the background, and the signed events for them."""
