"""The alias table: the names that mean the same target or speaker."""

from functools import lru_cache
from pathlib import Path

from analysis.errors import ParameterError
from analysis.paths import PACKAGE_DATA, resolve
from analysis.text.marks import name_key
from analysis.yaml_files import YamlError, parse_yaml, read_regular

ALIASES = PACKAGE_DATA / "aliases.yaml"

Aliases = dict[str, tuple[str, ...]]


def read_aliases(path: str | Path = "") -> Aliases:
    """Return the alias table of a YAML file, ours where none is given.

    Raises:
        ParameterError: the file cannot be read, is not YAML or not of the form
            `Name: [alias, alias]`.
    """
    return _read_aliases(resolve(path) if path else ALIASES)


@lru_cache(maxsize=8)
def _read_aliases(path: Path) -> Aliases:
    expected = "expected lines of the form `Name: [alias, alias]`"
    try:
        table, _ = parse_yaml(read_regular(path))
    except YamlError as error:
        raise ParameterError(
            f"{path}: line {error.line}: found no YAML ({error.problem}); {expected}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path}: cannot be read ({error}); {expected}") from None
    if not isinstance(table, dict):
        raise ParameterError(f"{path}: found {type(table).__name__}; {expected}")
    for name, aliases in table.items():
        listed = isinstance(aliases, list) and all(isinstance(a, str) and a for a in aliases)
        if not isinstance(name, str) or not listed:
            raise ParameterError(
                f"{path}: found {name!r:.60}: {aliases!r:.100}; {expected}, text in quotes"
            )
    return {name: tuple(aliases) for name, aliases in table.items()}


def index_of(table: Aliases) -> dict[str, str]:
    """Map the normal form of every name and alias to the table's name for it."""
    pairs = [(a, name) for name, group in table.items() for a in group]
    return {name_key(a): name for a, name in pairs} | {name_key(name): name for name in table}
