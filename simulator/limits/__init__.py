"""Rate limits like the real service's: standard and provisioned deployments, one limit for all."""
