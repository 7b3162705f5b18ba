"""The project's root and folders, and files that hold one JSON object."""

import json
import os
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
SEEDS = ROOT / "seeds"
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
MODELS = DATA / "models"
GOLD = DATA / "gold"
TEMPLATES = PACKAGE / "report_template"
PACKAGE_DATA = PACKAGE / "data"


def resolve(path: str | Path) -> Path:
    """Return a path as given where it exists, else taken from the project's root.

    A notebook runs in its own folder in JupyterLab and in the caller's under
    papermill; `seeds/…` means the same file in both.
    """
    path = Path(path)
    if path.is_absolute() or os.path.lexists(path) or not os.path.lexists(ROOT / path):
        return path
    return ROOT / path


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file, none where the file has none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
