import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ["COUNTERPOINT_CACHE"] = "off"  # nor may the kernels of notebooks fill the user's
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # pytest's workers take the cores already

import analysis as cp
import analysis.runs  # first: it makes the import of nbformat a second shorter

ROOT = Path(__file__).parents[1]

# a busy machine is no failure; where a change is judged, the same examples are tried each time
settings.register_profile(
    "counterpoint",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("counterpoint")


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


def loaded(path):
    """Load a file that lies in no package as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tool():
    """Load a script of tools/ as a module, by its name."""

    def load(name):
        return loaded(ROOT / "tools" / f"{name}.py")

    return load


@pytest.fixture(scope="session")
def made():
    """Functions that write a report's tables without a run; see made_reports.py."""
    return loaded(Path(__file__).with_name("made_reports.py"))


@pytest.fixture(scope="session")
def twelve_reports(tmp_path_factory, made):
    out = tmp_path_factory.mktemp("twelve") / "reports"
    for n in range(12):
        outlet = "gazette" if n % 2 else "courier"
        gap = -1.0 - n / 100 if outlet == "gazette" else 0.2 + n / 100
        gap = 1.9 if n == 11 else gap
        label = "disagree" if n < 4 else "neutral"
        made.write(
            out,
            f"r{n}",
            stances=made.sides("NATO", -gap / 2, gap / 2),
            relations=[made.relation("Ships left.", label, 0.5 + n / 100)],
            about={"outlet": outlet, "date": f"2024-{n + 1:02}-05"},
        )
    return out


@pytest.fixture
def reports(tmp_path, twelve_reports):
    """Twelve articles of two outlets over a year, to be changed."""
    return shutil.copytree(twelve_reports, tmp_path / "reports")


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A model folder that no test may change."""
    from tests.tiny_model import write_folder

    return write_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def own_folder(tmp_path):
    """A model folder of the test's own, to be damaged."""
    from tests.tiny_model import write_folder

    return write_folder(tmp_path / "model")
