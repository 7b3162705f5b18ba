"""What runs in the fork server, and in the processes that are forked from it.

The server imports this module before it forks, which does the imports of the notebooks once.
Nothing of a report runs in the server, so each kernel starts from the same state. It has one
thread: a lock that another thread held at the fork would stay locked in the kernel. For the
same reason no session of ONNX Runtime is opened before a fork.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

VARIABLE = "COUNTERPOINT_FORK_SERVER"  # in the server's environment: what to prepare, as JSON
INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel sets before imports
TIMEOUT = 300  # seconds that the imports may take on a busy machine


def _prepare(modules: Sequence[str], calls: Sequence[str], folder: str) -> str:
    """Import and call; return why no kernel can be forked from here, nothing if it can.

    Args:
        modules: to import; one that fails is left to the notebook, whose run reports it.
        calls: functions without arguments, each `module:function`.
        folder: removed when the server ends, which is after all of its kernels.
    """
    os.setsid()  # Ctrl-C is for the runner, which ends its kernels
    _receive_sigint()
    os.dup2(2, 1)  # what C code prints is no result
    atexit.register(_remove, folder, os.getpid())
    signal.alarm(TIMEOUT)
    os.environ.setdefault("MPLBACKEND", INLINE)
    for name in modules:
        with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
            importlib.import_module(name)
    for call in calls:
        try:
            pkgutil.resolve_name(call)()
        except Exception as error:
            return f"{call} failed ({type(error).__name__}: {error})"
    others = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    gc.collect()
    gc.freeze()  # a collection in a kernel leaves the shared pages alone
    signal.alarm(0)
    return f"the imports left threads running ({', '.join(others)})" if others else ""


def _receive_sigint() -> None:
    """Take SIGINT again, which was blocked until this process had a session of its own."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # drops one that waits
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    signal.signal(signal.SIGINT, handler)


def _remove(folder: str, server: int) -> None:
    if os.getpid() == server:
        shutil.rmtree(folder, ignore_errors=True)


problem = "another fork server runs in this process"
if VARIABLE in os.environ:
    problem = _prepare(**json.loads(os.environ.pop(VARIABLE)))
import_path = sys.path.copy()


def send_problem(channel: Connection) -> None:
    """Send why no kernel can be forked, nothing if it can."""
    channel.send(problem)


def run(
    function: Callable[..., None], *given: Any, cwd: str, env: Mapping[str, str], memory: int
) -> None:
    """Call a function in a process that was just forked.

    Args:
        function: what to call.
        given: its arguments.
        cwd: the working directory.
        env: the environment.
        memory: bytes that the process may take beyond what it starts with; 0: no limit.
    """
    os.setsid()
    os.dup2(2, 1)  # a server that replaces one that died has not done it
    _end_with_the_runner()
    multiprocessing.current_process().daemon = False  # a notebook may start processes
    sys.path[:] = import_path
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    _limit_memory(memory)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else every fork would draw the same numbers
    function(*given)


def call(function: str, given: Any) -> None:
    """Call `module:function`; only the exit code says that it failed."""
    try:
        pkgutil.resolve_name(function)(given)
    except Exception:
        sys.exit(1)


def answer(function: str, given: Any, sender: Connection) -> None:
    """Send what `module:function` returns or raises."""
    try:
        result = pkgutil.resolve_name(function)(given)
    except Exception as error:
        result = error
    sender.send(result)


def kernel(argv: list[str]) -> None:
    """Be a kernel with the arguments of `ipykernel_launcher`."""
    from ipykernel.kernelapp import IPKernelApp

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a cell prints goes to the notebook
    sys.argv = ["ipykernel_launcher", *argv]
    app = IPKernelApp.instance()
    app.initialize(argv)
    app.start()


def _end_with_the_runner() -> None:
    """Have the system kill this process group once the runner is gone, however it ended."""
    runner = multiprocessing.parent_process().sentinel
    fcntl.fcntl(runner, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(runner, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(runner, fcntl.F_SETFL, fcntl.fcntl(runner, fcntl.F_GETFL) | os.O_ASYNC)
    if wait([runner], 0):
        sys.exit(1)


def _limit_memory(memory: int) -> None:
    """Let this process take so many bytes beyond what it has, and be the first to be killed.

    RLIMIT_DATA counts what is written to, unlike RLIMIT_AS, where threads' reserves count.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    if not memory:
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text()
        held = next(line.split()[1] for line in status.splitlines() if line.startswith("VmData"))
        limit = int(held) * 1024 + memory
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
