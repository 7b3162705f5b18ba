"""Processes forked from one whose imports are done, by the standard library's fork server.

A fresh kernel costs seconds of imports. The server does them once (`forked.py`); what is forked
from it is a process of its own, with its own namespace. Where that cannot be (no Linux, imports
that leave threads running), `cold` says why, and kernels are started as usual.

The standard library keeps one server per process: of several `ForkServer` in one process, the first
decides what is imported in advance, and ends it when it is closed.
"""

import ast
import atexit
import contextlib
import itertools
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakSet

KERNEL = "ipykernel.kernelapp"
WARM_UP = "analysis.runs.warmup:warm_up"
# tqdm would leave a line a tick in the notebook; its widgets are taken out by the engine. It
# reads this when it is imported, so the server needs it as well as the kernels.
KERNEL_ENVIRONMENT = {"TQDM_DISABLE": "1"}
_watchers: list[subprocess.Popen[bytes]] = []  # over the private folder
LONGEST = 60  # bytes of the folder that the folder of the sockets lies in


class ForkServer:
    """The server to fork kernels from; a context, and safe to share between threads.

    Attributes:
        closed: whether its run is being ended; nothing is forked then.
        cold: why kernels are started cold, empty where they are forked.
        memory: bytes that a kernel may take beyond what it starts with; 0: no limit.
    """

    def __init__(self, notebooks: Sequence[Path], *, memory: int = 0, cold: str = "") -> None:
        """Name the notebooks whose imports are done in advance, or why none is to be forked."""
        self.notebooks = list(dict.fromkeys(notebooks))
        self.memory = memory
        self.closed = False
        self.cold = cold if _forks() else "kernels are not forked on this system"
        self._context: Any = None
        self._folder = ""
        self._checked = False
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._forks: WeakSet[Any] = WeakSet()
        self._started = False

    def __enter__(self) -> "ForkServer":
        """Start the server; the imports go on while the caller does other things."""
        if self.cold:
            return self
        try:
            self._start()
        except OSError as error:
            self.cold = f"the fork server cannot be started ({error.strerror or error})"
        return self

    def __exit__(self, *_: object) -> None:
        """End what was forked."""
        self.close()

    def close(self) -> None:
        """End every process that was forked or is watched, and the server."""
        self.closed = True
        with self._lock:
            for process in self._forks:
                _kill(process)
            for process in self._forks:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
        if self._started:
            self._started = False
            _remove_private_folder()  # first: the server does it should this process be killed here
            _stop_server()

    def watch(self, process: Any) -> None:
        """End a kernel's process group too when this is closed, though it was not forked."""
        with self._lock:
            self._forks.add(process)
            if self.closed:
                _kill(process)

    def _start(self) -> None:
        from multiprocessing import forkserver, resource_tracker

        from analysis.runs import forked

        imported = sorted({name for path in self.notebooks for name in imports(path)})
        ours_too = any(name.partition(".")[0] == "analysis" for name in imported)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([forked.__name__])
        resource_tracker.ensure_running()
        self._folder = private_folder()  # last: until the server starts, a kill would leave it
        request = {
            "modules": [KERNEL, *imported],
            "calls": [WARM_UP] if ours_too else [],
            "folder": self._folder,
        }
        environment = KERNEL_ENVIRONMENT | {
            forked.VARIABLE: json.dumps(request),
            "PYTHONSAFEPATH": "1",  # an `analysis` in the caller's folder must not stand in
        }
        before = _server_pid()
        with _variables(environment), _sigint_blocked():
            forkserver.ensure_running()
        self._started = _server_pid() != before
        self._context = context

    @property
    def usable(self) -> bool:
        """Whether kernels can be forked; waits for the imports."""
        if self.cold or self._context is None:
            return False
        with self._lock:
            if not self._checked:
                self._checked = True
                try:
                    self.cold = self._problem()
                except (OSError, EOFError):
                    self.cold = "the fork server is gone"
        return not self.cold

    def _problem(self) -> str:
        from analysis.runs.forked import send_problem

        receiver, sender = self._context.Pipe(duplex=False)
        with receiver, sender:
            process = self._context.Process(target=send_problem, args=[sender], daemon=True)
            process.start()
            sender.close()
            problem = receiver.recv()
            process.join()
        return problem

    def connection_file(self) -> str:
        """Return the path of a new kernel's connection file.

        Its folder is private: whoever reads a connection file can run code in its kernel.
        """
        return str(self.scratch(f"{next(self._numbers)}.json"))

    def scratch(self, name: str) -> Path:
        """Return a path in a private folder, which is removed when this process ends."""
        return Path(self._folder) / name

    def kernel(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> "Fork":
        """Fork a kernel with the arguments of `ipykernel_launcher`.

        Raises:
            OSError: the run is being ended, or the server is gone.
        """
        from analysis.runs.forked import kernel

        return self._fork(kernel, list(argv), cwd=cwd, env=dict(env), memory=self.memory)

    def call(self, function: str, given: Any) -> "Fork":
        """Fork a process that calls `module:function` with an argument.

        Raises:
            OSError: the run is being ended, or the server is gone.
        """
        from analysis.runs.forked import call

        return self._fork(call, function, given, **_here(self.memory))

    def ask(self, function: str, given: Any, *, seconds: float = 0) -> Any:
        """Return what `module:function` returns in a forked process, or raise what it raises.

        Raises:
            TimeoutError: it took longer than the seconds; 0: no limit.
            EOFError: the process ended without an answer.
            OSError: the run is being ended, or the server is gone.
        """
        from analysis.runs.forked import answer

        return _answer(
            self._context,
            lambda sender: self._fork(answer, function, given, sender, **_here(self.memory)),
            seconds,
        )

    def prescore(self, given: dict[str, Any]) -> "Fork":
        """Start `analysis.runs.prescore.run`, forked where that works.

        Raises:
            OSError: the run is being ended, or the server is gone.
        """
        if self.usable:
            return self.call("analysis.runs.prescore:run", given)
        from analysis.runs.forked import call

        return _spawned(call, "analysis.runs.prescore:run", given)

    def _fork(self, function: Callable[..., None], *given: Any, **how: Any) -> "Fork":
        from analysis.runs.forked import run

        with self._lock:
            if self.closed:
                raise OSError("the run is being ended")
            process = self._context.Process(
                target=run, args=[function, *given], kwargs=how, daemon=True
            )
            try:
                process.start()
            except EOFError:
                raise OSError("the fork server is gone") from None
            self._forks.add(fork := Fork(process))
        return fork


class Fork:
    """A forked process, with what a kernel's provisioner uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        """Wrap a process of `multiprocessing` that was started."""
        self._process, self.pid = process, process.pid
        self.kill, self.terminate = process.kill, process.terminate

    def poll(self) -> int | None:
        """Return the exit code, none while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end and return the exit code."""
        self._process.join(timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def ask_alone(function: str, given: Any, *, seconds: float = 0, memory: int = 0) -> Any:
    """Return what `module:function` returns in a new process, as `ForkServer.ask` does.

    For Linux alone: its imports take a second, but no server is needed.

    Args:
        function: its module and name.
        given: its argument.
        seconds: that it may take; 0: no limit.
        memory: bytes that it may take beyond what it starts with; 0: no limit.

    Raises:
        TimeoutError: it took longer.
        EOFError: the process ended without an answer.
    """
    from analysis.runs.forked import answer, run

    return _answer(
        multiprocessing.get_context("spawn"),
        lambda sender: _spawned(run, answer, function, given, sender, **_here(memory)),
        seconds,
    )


def _here(memory: int) -> dict[str, Any]:
    """Return what `forked.run` needs for a process in this folder and environment."""
    return {"cwd": str(Path.cwd()), "env": dict(os.environ), "memory": memory}


def _spawned(function: Callable[..., None], *given: Any, **how: Any) -> Fork:
    """Start a process of its own that calls a function; nothing is imported in advance."""
    process = multiprocessing.get_context("spawn").Process(
        target=function, args=given, kwargs=how, daemon=True
    )
    with _sigint_blocked():
        process.start()
    return Fork(process)


def _answer(context: Any, start: Callable[[Any], Fork], seconds: float) -> Any:
    """Start a process that sends one value; return it, or raise it where it is an exception."""
    receiver, sender = context.Pipe(duplex=False)
    with receiver, sender:
        fork = start(sender)
        sender.close()
        try:
            if not receiver.poll(seconds or None):
                raise TimeoutError
            result = receiver.recv()
        finally:
            _kill(fork)
            fork.wait(10)
    if isinstance(result, Exception):
        raise result
    return result


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Start processes that Ctrl-C does not end: it is for this one, which ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(process: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
        return
    with contextlib.suppress(OSError):  # it leads no group, or there are none on this system
        process.kill()


def _server_pid() -> int | None:
    from multiprocessing.forkserver import _forkserver

    return _forkserver._forkserver_pid


def _stop_server() -> None:
    """End the standard library's fork server at once, even one that is at its imports."""
    from multiprocessing.forkserver import _forkserver

    if pid := _server_pid():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            _forkserver._stop()


def private_folder() -> str:
    """Return the folder of `multiprocessing`'s own sockets, made where missing.

    It is ours, so that it can be removed before this process ends. The paths of sockets are limited
    (108 bytes on Linux), so that it cannot lie in a temporary folder whose path is long.
    """
    config = multiprocessing.current_process()._config
    if config.get("tempdir") is None:
        usual = tempfile.gettempdir()
        parent = "/tmp" if len(os.fsencode(usual)) > LONGEST else usual
        config["tempdir"] = tempfile.mkdtemp(prefix="pymp-", dir=parent)
        atexit.register(_remove_private_folder)
        _watch_over(config["tempdir"])
    return config["tempdir"]


def _watch_over(folder: str) -> None:
    """Have a shell remove a folder once this process has ended in whatever way, killed or crashed.

    It waits for the end of its input, which this process alone holds open and never writes to.
    """
    with contextlib.suppress(OSError):  # no shell, or no process more
        _watchers.append(
            subprocess.Popen(
                ["/bin/sh", "-c", 'read -r _; rm -rf -- "$0"', folder],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                cwd="/", env={"PATH": os.defpath}, start_new_session=True,
            )
        )  # fmt: skip


def _remove_private_folder() -> None:
    """Remove that folder; the next server in this process gets another."""
    config = multiprocessing.current_process()._config
    if folder := config.pop("tempdir", None):
        shutil.rmtree(folder, ignore_errors=True)
    while _watchers:
        _watchers.pop().communicate()


def _forks() -> bool:
    """Whether kernels can be forked, and end with this process: Linux alone can do both."""
    return sys.platform == "linux" and hasattr(os, "fork")


def imports(notebook: Path) -> set[str]:
    """Return the modules that a notebook's cells import at their top level."""
    import nbformat  # its schemas take long to import

    found = set()
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # a magic, or a defect that the notebook's run reports
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
