"""A report's page as PDF, printed by an installed Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from analysis.errors import ReportError, one_line

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TIMEOUT = 120  # seconds
ARGUMENTS = (
    "--headless --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --no-pdf-header-footer"
).split()


def print_page(page: Path) -> Path:
    """Print an HTML page beside itself as PDF and return the file.

    Raises:
        ReportError: there is no Chromium, or it could not print.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ReportError(
            f"{page}: found no Chromium to print it; expected one of {', '.join(BROWSERS)} on the "
            "PATH, install one or print the page from a browser"
        )
    pdf = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "page.pdf"
        command = [browser, *ARGUMENTS, f"--user-data-dir={folder}", f"--print-to-pdf={printed}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses to run as root with it
        try:
            done = subprocess.run(
                [*command, page.resolve().as_uri()],
                capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ReportError(f"{page}: {browser} could not print it ({one_line(error)})") from None
        if not printed.exists():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise ReportError(f"{page}: {browser} could not print it ({one_line(last[0])})")
        shutil.move(printed, pdf)
    return pdf
