"""YAML that a user writes, read within bounds: no code, no dates, no aliases, no deep nesting."""

import stat
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from analysis.paths import PACKAGE_DATA

LARGEST = 1_000_000  # bytes of a file
DEEPEST = 20  # lists and mappings within one another


class YamlError(ValueError):
    """Raised when a text is not YAML that is read here; knows the line, counted from 1."""

    def __init__(self, line: int, problem: str) -> None:
        """Take the line and what is wrong there."""
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


class _BoundedLoader(yaml.SafeLoader):
    """The safe loader without aliases, whose expansion has no bound, and without dates."""

    yaml_implicit_resolvers: ClassVar[dict] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node, unless it is an alias or lies too deep."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "found an alias", event.start_mark)
        if self.depth > DEEPEST:
            problem = f"found more than {DEEPEST} lists within one another"
            raise yaml.MarkedYAMLError(None, None, problem, event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Construct one value.

        One that looks like a number and is none, or that no file name could hold, is an error of
        its line.
        """
        try:
            value = super().construct_object(node, deep)
        except (ValueError, OverflowError):
            problem = f"found {str(node.value)[:40]!r}, which is no number; put text in quotes"
            raise yaml.MarkedYAMLError(None, None, problem, node.start_mark) from None
        if isinstance(value, str) and "\0" in value:
            raise yaml.MarkedYAMLError(None, None, "found a NUL character", node.start_mark)
        return value


class _TextLoader(_BoundedLoader):
    """The bounded loader for which every scalar is text."""

    yaml_implicit_resolvers: ClassVar[dict] = {}


@cache
def package_yaml(name: str) -> Any:
    """Return the content of a YAML file of the package's data, read once; not to be changed."""
    return yaml.safe_load((PACKAGE_DATA / name).read_text(encoding="utf-8"))


def parse_yaml(text: str, *, only_text: bool = False) -> tuple[Any, yaml.Node | None]:
    """Return the value of a YAML text, and its node, which knows the lines.

    Args:
        text: one document; dates in it stay text.
        only_text: numbers, `true` and `null` stay text as well.

    Raises:
        YamlError: it is no YAML, or uses aliases, tags or deep nesting.
    """
    try:
        loader = (_TextLoader if only_text else _BoundedLoader)(text)
        try:
            node = loader.get_single_node()
            return (None if node is None else loader.construct_document(node)), node
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise YamlError(mark.line + 1 if mark else 1, problem) from None


def read_regular(path: Path, *, largest: int = LARGEST) -> str:
    """Return the text of a small file.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `largest` bytes.
        UnicodeDecodeError: it is not UTF-8.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"found {_kind(found.st_mode)}, expected a file")
    if found.st_size > largest:
        raise OSError(f"found {found.st_size:,} bytes, expected at most {largest:,}")
    return path.read_text(encoding="utf-8")


def _kind(mode: int) -> str:
    """Return what a path that is no regular file is."""
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISCHR, "a device"))
    return next((name for test, name in kinds if test(mode)), "something else")
