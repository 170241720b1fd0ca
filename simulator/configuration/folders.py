"""The folders of the app's own files and of a user's files."""

from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
_INSTALLED = Path(__file__).parents[1] / "hosting" / "app"

APP = _CHECKOUT if (_CHECKOUT / "function_app.py").is_file() else _INSTALLED
"""The folder of function_app.py and host.json: the checkout, or a folder of the installed package."""
ROOT = APP if APP == _CHECKOUT else Path.cwd()
"""The folder of `.env`, `local.settings.json` and relative paths of extensions: the checkout, which is
deployed as it is, or the current folder of whoever runs the installed package."""
