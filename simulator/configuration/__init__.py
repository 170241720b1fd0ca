"""The configuration: settings from the environment, and overrides at run time."""
