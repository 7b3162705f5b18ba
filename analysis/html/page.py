"""What a page of ours needs around its parts: its style, its one script, and a policy.

The policy (Content Security Policy 3) lets a page fetch nothing and run nothing but the
script that it carries, which it names by its hash.
"""

import base64
import hashlib
from functools import lru_cache

from markupsafe import Markup

from analysis.paths import TEMPLATES

_FOLDER = TEMPLATES / "counterpoint"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{}; base-uri 'none'; "
    "form-action 'none'"
)


@lru_cache
def script(name: str) -> Markup:
    """Return one of our scripts for the inside of a `script` element."""
    return Markup((_FOLDER / f"{name}.js").read_text(encoding="utf-8"))


@lru_cache
def style(*names: str) -> Markup:
    """Return our style sheets for the inside of a `style` element."""
    files = (_FOLDER / f"{name}.css" for name in names)
    return Markup("\n").join(Markup(file.read_text(encoding="utf-8")) for file in files)


def policy(code: str = "") -> str:
    """Return the policy of a page that carries this script, or none."""
    if not code:
        return _POLICY.format("")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return _POLICY.format(f"; script-src 'sha256-{digest}'")
