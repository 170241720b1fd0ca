"""The catalogue: models, deployments and api-versions."""
