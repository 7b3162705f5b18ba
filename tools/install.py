"""Install a lock file into the environment that runs this script: with uv, else with pip.

    .venv/bin/python tools/install.py requirements.lock

pip installs uv as the lock pins it, then uv installs the whole lock, which takes a tenth of
pip's time. Where uv fails, pip installs the same lock and one line says so. Both refuse a file
that has none of the lock's hashes. Needs nothing but the standard library and pip.
"""

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
UV = [str(Path(sys.executable).with_name("uv")), "pip", "install", "-q", "--no-progress"]
HASHED = ["--require-hashes", "-r"]

# pip's settings by uv's variable; those that hold addresses may name several.
ADDRESSES = {
    "UV_INDEX_URL": ("index-url", " "),
    "UV_EXTRA_INDEX_URL": ("extra-index-url", " "),
    "UV_FIND_LINKS": ("find-links", ","),
}
SETTINGS = {
    "SSL_CERT_FILE": "cert",
    "SSL_CLIENT_CERT": "client-cert",
    "UV_INSECURE_HOST": "trusted-host",
    "HTTP_PROXY": "proxy",
    "HTTPS_PROXY": "proxy",
    "UV_HTTP_TIMEOUT": "timeout",
    "UV_HTTP_RETRIES": "retries",
    "UV_NO_INDEX": "no-index",
    "UV_NO_CACHE": "no-cache-dir",
}
SECTIONS = ("global", "install", ":env:")  # a later one wins, as in pip


def main(lock: Path, run: Callable[..., subprocess.CompletedProcess] = subprocess.run) -> int:
    """Install a lock file; returns the exit code of the installer that had the last word."""
    problem = install_with_uv(lock, run)
    if problem is None:
        return 0
    print(f"{lock.name}: uv could not install it ({problem}); pip does", file=sys.stderr)
    return run([*PIP, "install", "-q", *HASHED, str(lock)]).returncode


def install_with_uv(
    lock: Path, run: Callable[..., subprocess.CompletedProcess] = subprocess.run
) -> str | None:
    """Install uv with pip and the lock with uv; returns why that failed, in one line, or None."""
    quiet = {"capture_output": True, "text": True}
    try:
        with tempfile.TemporaryDirectory() as folder:
            pin = Path(folder) / "uv.txt"
            pin.write_text(requirement("uv", lock.read_text(encoding="utf-8")), encoding="utf-8")
            bootstrap = run([*PIP, "install", "-q", *HASHED, str(pin)], **quiet)
        if bootstrap.returncode:
            return error_line(bootstrap)
        listing = run([*PIP, "config", "list"], **quiet)
        environment = uv_environment(pip_settings(listing.stdout), os.environ)
        command = [*UV, "--python", sys.executable, *HASHED, str(lock)]
        installed = run(command, env=environment, **quiet)
    except (OSError, LookupError, ValueError) as error:
        return " ".join(str(error).split())
    return error_line(installed) if installed.returncode else None


def requirement(name: str, lock: str) -> str:
    """Return a package's pin and hashes as they stand in the text of a lock file.

    Raises:
        LookupError: the lock does not pin the package.
    """
    pin: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line.startswith(f"{name}=="):
            pin = [line]
        elif pin and line.startswith((" ", "\t")):
            pin.append(line)
        elif pin:
            break
    if not pin:
        raise LookupError(f"the lock does not pin {name}")
    return "".join(pin)


def pip_settings(listing: str) -> dict[str, str]:
    """Return pip's options for `pip install` from what `pip config list` prints.

    The listing has a line `section.option='value'` for each setting of the configuration
    files and of the variables `PIP_…`.
    """
    sections: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listing.splitlines():
        name, equals, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if equals and section in sections:
            option = "timeout" if option == "default-timeout" else option
            sections[section][option] = str(ast.literal_eval(value))
    return {option: value for s in SECTIONS for option, value in sections[s].items()}


def uv_environment(settings: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for uv: pip's settings as uv's variables; the user's own ones win.

    A local folder that is missing is left out: pip only warns of it, uv stops. With several
    indexes uv looks for a version in each, as pip does; the hash decides which file may be used.
    """
    ours = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for variable, (option, separator) in ADDRESSES.items():
        places = [os.path.expanduser(place) for place in settings.get(option, "").split()]
        ours[variable] = separator.join(place for place in places if not is_missing(place))
    for variable, option in SETTINGS.items():
        value = " ".join(settings.get(option, "").split())
        if variable.startswith("UV_NO_"):
            value = "1" if value.lower() in ("1", "true", "yes", "on") else ""
        ours[variable] = value
    ours = {variable: value for variable, value in ours.items() if value}
    theirs = {n: v for n, v in environment.items() if n != "UV_NO_VERIFY_HASHES"}
    return ours | theirs


def is_missing(place: str) -> bool:
    """Return whether an address names a local file or folder that does not exist."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        return not Path(url2pathname(parts.path)).exists()
    return not parts.scheme and not Path(place).exists()


def error_line(done: subprocess.CompletedProcess) -> str:
    """Return the first line of a command's messages that names an error, or its exit code."""
    lines = [line.strip() for line in (done.stderr or "").splitlines()]
    errors = [line for line in lines if line.lower().startswith(("error", "×", "caused by"))]
    return errors[0] if errors else f"exit code {done.returncode}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
