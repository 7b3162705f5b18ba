"""tools/install.py: uv installs the lock with pip's configuration; where it fails, pip does."""

import subprocess
from pathlib import Path

import pytest

LOCK = """\
# made by a tool
numpy==2.0 \\
    --hash=sha256:aa
    # via counterpoint
uv==0.1 ; python_version >= '3.8' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via counterpoint
uvloop==1.0 \\
    --hash=sha256:dd
"""


@pytest.fixture
def install(tool):
    return tool("install")


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK)
    return path


class Commands:
    """Stands in for `subprocess.run`: keeps what it was called with, fails where told to."""

    def __init__(self, failing=None, listing=""):
        self.failing, self.listing = failing or {}, listing
        self.calls = []

    def __call__(self, command, **options):
        file = next((a for a in command if a.endswith((".txt", ".lock"))), "")
        text = Path(file).read_text() if file else ""
        kind = "config" if "config" in command else self.kind(command, file)
        self.calls.append((kind, command, options, text))
        if isinstance(self.failing.get(kind), Exception):
            raise self.failing[kind]
        code, stderr = (1, self.failing[kind]) if kind in self.failing else (0, "")
        return subprocess.CompletedProcess(command, code, self.listing, stderr)

    @staticmethod
    def kind(command, file):
        if command[1:3] != ["-m", "pip"]:
            return "uv"
        return "bootstrap" if file.endswith("uv.txt") else "pip"

    @property
    def kinds(self):
        return [kind for kind, *_ in self.calls]


def test_uv_installs_the_lock(install, lock, capfd):
    run = Commands()
    assert install.main(lock, run) == 0
    assert run.kinds == ["bootstrap", "config", "uv"]
    assert run.calls[0][3] == "".join(LOCK.splitlines(keepends=True)[4:8])
    assert run.calls[2][3] == LOCK
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("failing", "kinds", "reason"),
    [
        pytest.param(
            {"bootstrap": "WARNING: x\nERROR: no uv for this machine\n"},
            ["bootstrap", "pip"],
            "ERROR: no uv for this machine",
            id="pip finds no uv",
        ),
        pytest.param(
            {"uv": "error: no such index\n  Caused by: refused\n"},
            ["bootstrap", "config", "uv", "pip"],
            "error: no such index",
            id="uv fails",
        ),
        pytest.param({"uv": ""}, ["bootstrap", "config", "uv", "pip"], "exit code 1", id="silent"),
        pytest.param(
            {"uv": OSError("Exec format error")},
            ["bootstrap", "config", "uv", "pip"],
            "Exec format error",
            id="uv does not start",
        ),
    ],
)
def test_pip_installs_the_same_lock_where_uv_fails(install, lock, capfd, failing, kinds, reason):
    run = Commands(failing)
    assert install.main(lock, run) == 0
    assert run.kinds == kinds
    assert run.calls[-1][3] == LOCK
    assert capfd.readouterr().err == (
        f"requirements.lock: uv could not install it ({reason}); pip does\n"
    )


def test_a_lock_without_uv_is_installed_by_pip(install, lock, capfd):
    lock.write_text("numpy==2.0 \\\n    --hash=sha256:aa\n")
    run = Commands()
    assert install.main(lock, run) == 0
    assert run.kinds == ["pip"]
    assert "does not pin uv" in capfd.readouterr().err


def test_every_installer_requires_hashes(install, lock, monkeypatch):
    monkeypatch.setenv("UV_NO_VERIFY_HASHES", "1")
    run = Commands({"uv": "error: x"})
    install.main(lock, run)
    installs = [call for call in run.calls if call[0] != "config"]
    assert len(installs) == 3
    for _, command, options, _ in installs:
        assert "--require-hashes" in command
        assert "UV_NO_VERIFY_HASHES" not in options.get("env", {})


def test_exit_code_is_of_pip_where_both_fail(install, lock):
    assert install.main(lock, Commands({"uv": "error: x", "pip": "ERROR: y"})) == 1


def test_pip_configuration_is_handed_on(install, lock, tmp_path, monkeypatch):
    for name in ("UV_INDEX_URL", "SSL_CERT_FILE", "UV_FIND_LINKS", "UV_HTTP_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    listing = f"""\
:env:.default-timeout='180'
:env:.find-links='{tmp_path} /no/such/folder https://example.org/wheels'
global.cert='/etc/cert.pem'
global.extra-index-url='\\nfile://{tmp_path}\\nfile:///no/such/index\\nhttps://example.org/more'
global.find-links='/overruled'
global.index-url='https://example.org/global'
global.timeout='5'
install.index-url='https://example.org/simple'
install.trusted-host='example.org other.org'
list.index-url='https://example.org/of-another-command'
"""
    run = Commands(listing=listing)
    install.main(lock, run)
    environment = run.calls[2][2]["env"]
    expected = {
        "UV_INDEX_URL": "https://example.org/simple",
        "UV_EXTRA_INDEX_URL": f"file://{tmp_path} https://example.org/more",
        "UV_FIND_LINKS": f"{tmp_path},https://example.org/wheels",
        "UV_INSECURE_HOST": "example.org other.org",
        "UV_HTTP_TIMEOUT": "180",
        "SSL_CERT_FILE": "/etc/cert.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert {name: environment.get(name) for name in expected} == expected
    assert "PATH" in environment


def test_variables_that_the_user_set_for_uv_win(install):
    settings = {"index-url": "https://pip.example", "timeout": "5"}
    environment = install.uv_environment(settings, {"UV_INDEX_URL": "https://uv.example"})
    assert environment["UV_INDEX_URL"] == "https://uv.example"
    assert environment["UV_HTTP_TIMEOUT"] == "5"


@pytest.mark.parametrize(
    ("value", "expected"), [("1", "1"), ("true", "1"), ("0", None), ("", None)]
)
def test_switches_are_handed_on_only_where_they_are_on(install, value, expected):
    environment = install.uv_environment({"no-index": value, "no-cache-dir": value}, {})
    assert environment.get("UV_NO_INDEX") == expected
    assert environment.get("UV_NO_CACHE") == expected


def test_makefile_installs_with_this_script():
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    assert "tools/install.py requirements.lock" in makefile
