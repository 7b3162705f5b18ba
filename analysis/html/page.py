"""What a page of ours needs around its parts: its style, its one script, and a policy.

The policy (Content Security Policy 3) lets a page fetch nothing and run nothing but the
script that it carries, which it names by its hash.
"""

import base64
import hashlib
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from analysis.html.display import count, interval, listed, name, number, teaser
from analysis.paths import TEMPLATES

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = TEMPLATES / "counterpoint"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{}; base-uri 'none'; "
    "form-action 'none'"
)


@lru_cache
def script(name: str) -> Markup:
    """Return one of our scripts for the inside of a `script` element."""
    return Markup((_FOLDER / f"{name}.js").read_text(encoding="utf-8"))


def policy(code: str = "") -> str:
    """Return the policy of a page that carries this script, or none."""
    if not code:
        return _POLICY.format("")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return _POLICY.format(f"; script-src 'sha256-{digest}'")


def about(
    title: str,
    description: str,
    code: str,
    links: Mapping[str, str] | None = None,
    image: str = "",
) -> dict[str, Any]:
    """Return what `base.html.j2` takes of a page: title, description, script, policy and links.

    Args:
        title: the page's.
        description: a sentence or two.
        code: its script.
        links: pages in its folder: what each is, by its file name.
        image: the address of a picture that a link to it shows; none: no picture.
    """
    page = {"title": title, "description": description, "script": code, "image": image}
    return page | {"policy": policy(code), "links": links or {}}


def render(
    template: str,
    *,
    title: str,
    description: str = "",
    code: str = "",
    links: Mapping[str, str] | None = None,
    **values: Any,
) -> str:
    """Return a page made from one of our templates, where every value is escaped.

    Args:
        template: its file name.
        title: the page's, which a link to it shows as well.
        description: a sentence or two that a link to it shows.
        code: a script of ours; the page's policy lets it alone run.
        links: pages in its folder: what each is, by its file name.
        values: what else the template takes.
    """
    page = about(title, description, code, links)
    return environment().get_template(template).render(page=page, **values)


def macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro of one of our templates; its arguments are escaped, and it returns markup."""
    return getattr(environment().get_template(template).module, name)


@lru_cache
def environment() -> "Environment":
    """Return the environment of our templates, which escapes every value."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "short": name,
        "count": count,
        "listed": listed,
        "number": number,
        "quoted": shlex.quote,
        "teaser": teaser,
    }
    environment.globals |= {"interval": interval}
    return environment
