import importlib.util
import os
from pathlib import Path

import pytest

os.environ["COUNTERPOINT_CACHE"] = "off"  # nor may the kernels of notebooks fill the user's

import analysis as cp

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def seed_path():
    return ROOT / "seeds" / "000_9da5be969268c11d.txt"


@pytest.fixture(scope="session")
def seed(seed_path):
    return cp.read(seed_path)


@pytest.fixture(scope="session")
def seed_result(seed):
    return cp.score(seed, scorer="lexicon")


@pytest.fixture(scope="session")
def own():
    """Read one of the small articles in tests/seeds by its name."""
    return lambda name, **options: cp.read(ROOT / "tests" / "seeds" / f"{name}.txt", **options)


@pytest.fixture(scope="session")
def tool():
    """Load a script of tools/ as a module, by its name."""

    def load(name):
        spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
