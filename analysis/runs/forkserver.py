"""The warm process that kernels are forked from; `warm.py` starts it and talks to it.

It does the imports of the notebooks once, and then forks a kernel whenever it is asked
for one. Nothing of a report ever runs here, so each kernel starts from the same state.
It has no thread of its own: a lock that a thread held at the fork would stay locked in
the kernel for ever. For the same reason no session of ONNX Runtime is opened before a fork.

The other side writes a JSON object a line: first `modules`, `calls` and `within`, where a
scratch folder may lie; then for each fork `id`, `cwd`, `env`, `memory`, and `argv` of a
kernel, or `call` and `given` of a function that runs in the fork. Answers are `folder`,
`ready` (the reason why not, or nothing), `id` with `pid`, and `exited` with `code`.

The folder is made and removed here, as the other side may be killed at any moment.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel sets before imports


def main(descriptor: int) -> None:
    """Warm up, then serve until the other side is gone; its kernels end with it."""
    channel = socket.socket(fileno=descriptor)
    lines = channel.makefile("r", encoding="utf-8")
    if not (line := lines.readline()):
        return  # the other side was gone before it asked
    asked = json.loads(line)
    try:
        folder = tempfile.mkdtemp(prefix="counterpoint-", dir=asked["within"])
    except OSError as error:
        with contextlib.suppress(OSError):
            _say(channel, {"ready": f"no folder can be made for it ({error.strerror})"})
        return
    try:
        _say(channel, {"folder": folder})
        _say(channel, {"ready": _warmed_up(asked["modules"], asked["calls"])})
        _serve(channel, lines)
    except OSError:
        pass  # the other side is gone
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(channel: socket.socket, lines: TextIO) -> None:
    """Fork on demand, until the other side is gone."""
    children: set[int] = set()
    ends = woken, waking = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side decides what Ctrl-C means
    with selectors.DefaultSelector() as waiting:
        waiting.register(channel, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        try:
            while True:
                ready = [key.fileobj for key, _ in waiting.select()]
                if woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(1024)
                    _reap(channel, children)
                if channel in ready:
                    # one line a kernel, and the other side waits for the answer: none is buffered
                    line = lines.readline()
                    if not line:
                        break
                    _fork(channel, children, json.loads(line), (lines, channel, waiting, *ends))
        finally:
            for pid in children:
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)


def _warmed_up(modules: Sequence[str], calls: Sequence[str]) -> str:
    """Import and call; return why no kernel can be forked from here, nothing if it can."""
    os.environ.setdefault("MPLBACKEND", INLINE)
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # the notebook's own run will say what is wrong with it
            continue
    for call in calls:
        module, _, function = call.partition(":")
        try:
            getattr(importlib.import_module(module), function)()
        except Exception as error:
            return f"{call} failed ({type(error).__name__}: {error})"
    others = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    gc.collect()
    gc.freeze()  # a collection in a kernel leaves the shared pages alone
    return f"the imports left threads running ({', '.join(others)})" if others else ""


def _fork(channel: socket.socket, children: set[int], asked: dict, ours: Sequence) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            for held in ours:
                held.close()
            code = _forked(asked)
        except BaseException:
            if "argv" in asked:  # of a function, the exit code says that it failed
                sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    children.add(pid)
    _say(channel, {"id": asked["id"], "pid": pid})


def _reap(channel: socket.socket, children: set[int]) -> None:
    for pid in list(children):
        try:
            done, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            done, status = pid, 0
        if done:
            children.discard(pid)
            _say(channel, {"exited": pid, "code": os.waitstatus_to_exitcode(status)})


def _forked(asked: dict) -> int:
    """Be the fork that was asked for; return its exit code."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(asked["env"], JPY_PARENT_PID=str(os.getppid()))
    os.chdir(asked["cwd"])
    _bound(asked["memory"])
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else every fork would draw the same numbers
    if "call" in asked:
        module, _, function = asked["call"].partition(":")
        getattr(importlib.import_module(module), function)(asked["given"])
        return 0
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *asked["argv"]]
    app = IPKernelApp.instance()
    app.initialize(asked["argv"])
    app.start()
    return 0


def _bound(memory: int) -> None:
    """Let a kernel take so many bytes beyond what it starts with, and be the first to go.

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


def _say(channel: socket.socket, what: dict) -> None:
    channel.sendall((json.dumps(what) + "\n").encode())
