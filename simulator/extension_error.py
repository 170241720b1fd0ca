"""What stops the start when an extension cannot be used."""


class ExtensionError(Exception):
    """The text is one line; the cause, if there is one, is the extension's own exception."""
