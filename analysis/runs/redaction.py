"""Secrets stay in the environment: parameters and outputs are searched for their values.

A parameter is written into the notebook's cell and metadata, and so into everything made from
the notebook. A notebook therefore reads a secret from the environment, and its outputs are
searched for the value before they are published.
"""

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analysis.errors import ParameterError, ReportError

SECRET_NAME = re.compile(
    r"secret|token|passw|api_?key|llm_?key|access_?key|private_?key|credential", re.I
)
MIN_LENGTH = 8  # characters; a shorter value is found in any text by chance

Secrets = Mapping[str, str]


def secrets(named: Iterable[str] = ()) -> dict[str, str]:
    """Return the environment's values that must not be shown, by the variable's name.

    These are the named variables, and those whose name looks like a secret's, unless the value
    is a path or shorter than `MIN_LENGTH`.

    Raises:
        ParameterError: a named variable's value is too short to be searched for.
    """
    found = {}
    for name in named:
        value = os.environ.get(name, "").strip()
        if value and len(value) < MIN_LENGTH:
            raise ParameterError(
                f"secret {name}: found a value of {len(value)} characters; expected at least "
                f"{MIN_LENGTH}, a shorter one is found in any text by chance"
            )
        if value:
            found[name] = value
    for name, value in os.environ.items():
        value = value.strip()
        if SECRET_NAME.search(name) and len(value) >= MIN_LENGTH and not os.path.exists(value):
            found.setdefault(name, value)
    return found


def refuse_in_parameters(given: Mapping[str, Any], values: Secrets) -> None:
    """Raise if a parameter is a secret, by its name or its value.

    Raises:
        ParameterError: a parameter is a secret; the message names it and never shows its value.
    """
    for name, value in given.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        shown = next((n for n, secret in values.items() if _escaped(secret) in text), "")
        if shown or (SECRET_NAME.search(name) and value not in ("", None, [], False, True)):
            found = f"the value of the environment variable {shown}" if shown else "a secret"
            raise ParameterError(
                f"parameter {name!r}: found {found}; a parameter is written into the notebook and "
                "its page, expected the notebook to read it from the environment"
            )


def refuse_in_outputs(folder: Path, pages: Iterable[Path], values: Secrets) -> None:
    """Raise if a file shows a secret, as it is, escaped, or in base64.

    Raises:
        ReportError: a file shows one; the message names variable and file, never the value.
    """
    if not values:
        return
    wanted = {name: list(_forms(value)) for name, value in values.items()}
    files = [*pages, *(path for path in sorted(folder.rglob("*")) if path.is_file())]
    for path in files:
        data = _bytes_of(path)
        for name, forms in wanted.items():
            if any(form in data for form in forms):
                raise ReportError(
                    f"{path.name}: found the value of the environment variable {name} in it; "
                    "expected a notebook that shows no secret, nothing was published"
                )


def shows(text: str, values: Secrets) -> bool:
    """Return whether a text shows a secret in any form that is searched for."""
    data = text.encode("utf-8", "surrogatepass")
    return any(form in data for value in values.values() for form in _forms(value))


def _bytes_of(path: Path) -> bytes:
    if path.suffix != ".parquet":
        return path.read_bytes()
    import pandas as pd  # packed: its texts are searched as they are read

    frame = pd.read_parquet(path)
    texts = frame.select_dtypes(["object", "string"]).astype(str)
    return "\n".join("\n".join(texts[name]) for name in texts).encode("utf-8", "replace")


def _forms(value: str) -> Iterator[bytes]:
    in_ascii = json.dumps(value)[1:-1]
    shown = (value, _escaped(value), in_ascii, html.escape(value), quote(value, safe=""))
    seen = dict.fromkeys(shown)
    yield from (form.encode() for form in seen)
    data = value.encode()
    for shift in range(3):  # where the value starts within base64's groups of three bytes
        coded = base64.b64encode(b"\0" * shift + data)
        start, cut = (0, 2, 3)[shift], (len(data) + shift) % 3
        yield coded[start : len(coded) - (4 if cut else 0)]


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
