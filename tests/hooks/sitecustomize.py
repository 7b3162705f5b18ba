"""Makes a stage hang or allocate where an article has a word such as `parsehangs` in it.

Where STAGE_LOG names a file, each call of a stage adds a line to it, with the start of the text.

Python imports this module at its start where its folder is on PYTHONPATH. It wraps one function of
each stage as soon as the module that holds it is imported, in every process of a run.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import time

STAGES = {
    "analysis.readers.formats": ("read", "read_data"),
    "analysis.text.nlp": ("parse", "_windows"),
    "analysis.alignment.align": ("align", "align"),
    "analysis.scorers.lexicon": ("score", "LexiconScorer.predict"),
    "analysis.scorers.embedded": ("score", "EmbeddedScorer._scores"),
    "analysis.report.plots": ("draw", "targets"),
}


def texts(value):
    """Return the text in what a stage is given: an article, a result, rows, text or bytes."""
    for name in ("article", "raw"):
        value = getattr(value, name, value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else repr(value) if isinstance(value, list) else ""


def wrapped(stage, function):
    """Return the function, which hangs or allocates where it is told to."""

    def run(*given, **named):
        text = " ".join(map(texts, [*given, *named.values()]))
        if path := os.environ.get("STAGE_LOG"):
            with open(path, "a", encoding="utf-8") as log:
                log.write(f"{stage} {text[:60]!r}\n")
        if f"{stage}hangs" in text:
            time.sleep(3600)
        held = []
        while f"{stage}allocates" in text and len(held) < 1024:
            held.append(bytearray(2**26))
        return function(*given, **named)

    run.__dict__.update(vars(function))
    return run


class Hooks(importlib.abc.MetaPathFinder):
    """Finds the modules of `STAGES` and has them wrapped once they are executed."""

    def find_spec(self, name, path, target=None):
        """Return a module's specification, with a loader that wraps."""
        if name not in STAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            stage, place = STAGES[name]
            *owner, last = place.split(".")
            holder = getattr(module, owner[0]) if owner else module
            setattr(holder, last, wrapped(stage, getattr(holder, last)))

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Hooks())
