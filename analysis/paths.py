"""The project's root and folders, nothing else."""

import os
from pathlib import Path

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
