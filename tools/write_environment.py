"""Write environment.yml for conda from requirements.lock: the same pins, in conda's form.

    python tools/write_environment.py

conda itself brings only Python and pip; every package is the one that the lock
names, so that a conda user and a `make` user run the same code.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^(?P<pin>[A-Za-z0-9_.\[\]-]+==[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")

HEAD = """\
# Written by `make lock` from requirements.lock; change pyproject.toml, not this file.
#     conda env create -f environment.yml && conda activate counterpoint
name: counterpoint
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def pins(lock: str) -> list[str]:
    """Return the lock's `name==version ; marker` lines, in order, without hashes."""
    found = [PIN.match(line) for line in lock.splitlines()]
    return [f"{m['pin']} ; {m['marker']}" if m["marker"] else m["pin"] for m in found if m]


def environment(lock: str) -> str:
    """Return the text of environment.yml for the text of a lock file."""
    lines = [f"      - {_quoted(pin)}" for pin in pins(lock)]
    return HEAD + "\n".join([*lines, '      - "-e ."']) + "\n"


def _quoted(pin: str) -> str:
    return '"' + pin.replace('"', "'") + '"'


if __name__ == "__main__":
    text = environment((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    (ROOT / "environment.yml").write_text(text, encoding="utf-8")
