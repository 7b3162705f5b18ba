"""Kernels forked from a warm process, through papermill's engine interface.

A fresh kernel costs seconds of imports. `Warm` starts one process that does them once
(`zygote.py`); the engine's kernels are forks of it, each a clean process of its own, with
its own namespace, and as far from the others as kernels started one by one. Where that cannot
be (no `os.fork`, macOS), or the imports leave threads running, kernels are started as ever.
"""

import ast
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

ENGINE = "counterpoint"
KERNEL = "ipykernel.kernelapp"
REHEARSAL = "analysis.runs.warmup"
WIDGET = "application/vnd.jupyter.widget-view+json"
LONGEST = 60  # bytes of the folder that the folder of the sockets lies in
START = 300  # seconds that the imports may take, on a machine that is busy all night
STARTING = "import sys; from analysis.runs.forkserver import main; main(int(sys.argv[1]))"


class Warm:
    """A warm process to fork kernels from; used as a context, and safe to share by threads.

    Attributes:
        closed: whether it was ended, with which its run ends: no kernel is started then.
        cold: why kernels are started cold, empty where they are forked.
        memory: bytes that a kernel may take beyond what it starts with; 0: no bound.
    """

    def __init__(self, notebooks: Sequence[Path], *, memory: int = 0) -> None:
        """Name the notebooks whose imports are done in advance."""
        self.notebooks = list(dict.fromkeys(notebooks))
        self.memory = memory
        self.closed = False
        self.cold = "" if _forks() else "kernels are not forked on this system"
        self._process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None
        self._reader: threading.Thread | None = None
        self._folder = ""
        self._ready: str | None = None
        self._asking = threading.Lock()
        self._told = threading.Condition()
        self._pids: dict[int, int] = {}
        self._codes: dict[int, int] = {}
        self._asked = 0
        self._gone = False

    def __enter__(self) -> "Warm":
        """Start the warm process; the imports go on while the caller does other things."""
        if self.cold:
            return self
        try:
            self._start()
        except OSError as error:
            self.cold = f"the warm process cannot be started ({error.strerror})"
            self._end()
        return self

    def __exit__(self, *_: object) -> None:
        """End the warm process."""
        self.close()

    def close(self) -> None:
        """End the warm process and every kernel that is left of it."""
        self.closed = True
        self._end()

    def _end(self) -> None:
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_RDWR)
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._reader is not None:
            self._reader.join(10)
        if self._channel is not None:
            self._channel.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            # -P: an `analysis` in the caller's folder must not stand in for ours
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", STARTING, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a kernel's C code prints is no result of ours
                start_new_session=True,  # Ctrl-C is for this process, which ends that one
            )
        imported = sorted({name for path in self.notebooks for name in imports(path)})
        ours_too = any(name.partition(".")[0] == "analysis" for name in imported)
        calls = [f"{REHEARSAL}:rehearse"] if ours_too else []
        self._send({"modules": [KERNEL, *imported], "calls": calls, "within": _short_folder()})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def usable(self) -> bool:
        """Whether kernels can be forked; waits for the imports."""
        if self.cold or self._process is None:
            return False
        with self._told:
            self._told.wait_for(lambda: self._gone or self._ready is not None, START)
            if self._ready is None or self._ready or self._gone:
                self.cold = self._ready or "the warm process is gone"
        return not self.cold

    @cached_property
    def manager(self) -> type[AsyncKernelManager]:
        """The kernel managers whose kernels are forks of this process."""
        return manager_of(self)

    def connection_file(self) -> str:
        """Return the path of a new kernel's connection file, in a folder of this run's own."""
        with self._asking:
            self._asked += 1
            return str(self.scratch(f"{self._asked}.json"))

    def kernel(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> "Fork":
        """Fork a kernel with the arguments of `ipykernel_launcher`.

        Raises:
            OSError: the warm process is gone, or does not answer.
        """
        return self._fork({"argv": list(argv), "memory": self.memory}, cwd, env)

    def call(self, function: str, given: Mapping[str, Any]) -> "Fork":
        """Fork a process that calls `module:function` with `given`, which JSON can hold.

        Raises:
            OSError: the warm process is gone, or does not answer.
        """
        asked = {"call": function, "given": given, "memory": 0}
        return self._fork(asked, str(Path.cwd()), os.environ)

    def scratch(self, name: str) -> Path:
        """Return a path in the folder of this run's own, which goes when it ends.

        The folder is there once `usable` is known, and private: whoever reads a connection
        file can run code in its kernel.
        """
        return Path(self._folder) / name

    def _fork(self, asked: dict[str, Any], cwd: str, env: Mapping[str, str]) -> "Fork":
        with self._asking:
            self._asked += 1
            number = self._asked
            self._send(asked | {"id": number, "cwd": cwd, "env": dict(env)})
            with self._told:
                if not self._told.wait_for(lambda: self._gone or number in self._pids, START):
                    raise OSError("the warm process does not answer")
                if number not in self._pids:
                    raise OSError("the warm process is gone")
                return Fork(self, self._pids.pop(number))

    def code(self, pid: int) -> int | None:
        """Return a kernel's exit code, none while it runs."""
        with self._told:
            return self._codes.get(pid, -9 if self._gone else None)

    def wait(self, pid: int, timeout: float | None) -> int | None:
        """Wait for a kernel to end, and return its exit code."""
        with self._told:
            self._told.wait_for(lambda: self._gone or pid in self._codes, timeout)
        return self.code(pid)

    def _send(self, what: dict) -> None:
        self._channel.sendall((json.dumps(what) + "\n").encode())

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._channel.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                with self._told:
                    if "folder" in told:
                        self._folder = told["folder"]
                    elif "ready" in told:
                        self._ready = told["ready"]
                    elif "exited" in told:
                        self._codes[told["exited"]] = told["code"]
                    else:
                        self._codes.pop(told["pid"], None)  # a number that is used again
                        self._pids[told["id"]] = told["pid"]
                    self._told.notify_all()
        with self._told:
            self._gone = True
            self._told.notify_all()


class Fork:
    """A forked kernel, with what its provisioner uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, warm: Warm, pid: int) -> None:
        """Keep whose fork it is."""
        self._warm, self.pid = warm, pid

    def poll(self) -> int | None:
        """Return the exit code, none while it runs."""
        return self._warm.code(self.pid)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end and return the exit code."""
        return self._warm.wait(self.pid, timeout)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(9)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(15)


class WarmProvisioner(LocalProvisioner):
    """Launches a kernel by a fork of the warm process."""

    warm: Warm

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Fork, where `LocalProvisioner` would start a process; returns how to connect."""
        given = cmd[cmd.index("ipykernel_launcher") + 1 :]
        cwd = str(kwargs.get("cwd") or Path.cwd())
        self.process = self.warm.kernel(given, cwd=cwd, env=kwargs.get("env") or os.environ)
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        return self.connection_info


def manager_of(warm: Warm) -> type[AsyncKernelManager]:
    """Return a class of kernel managers that fork, and speak over sockets in a private folder.

    One class a warm process: a class a report would be memory that a run does not give back.
    """

    class WarmKernelManager(AsyncKernelManager):
        """Manages one kernel that is a fork."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(transport="ipc", connection_file=warm.connection_file(), **kwargs)

        async def _async_pre_start_kernel(self, **kwargs: Any):
            self.kernel_id = self.kernel_id or Path(self.connection_file).stem
            self.provisioner = WarmProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            self.provisioner.warm = warm
            return await super()._async_pre_start_kernel(**kwargs)

        pre_start_kernel = _async_pre_start_kernel

    return WarmKernelManager


class Client(PapermillNotebookClient):
    """Runs a notebook's cells, all of them within one time."""

    def __init__(self, *args: Any, seconds: float = 0, **kwargs: Any) -> None:
        """Count the seconds from here on; 0: no bound."""
        if seconds:
            ends = time.monotonic() + seconds
            kwargs["timeout_func"] = lambda _: max(1, round(ends - time.monotonic()))
        super().__init__(*args, **kwargs)


class Engine(NBClientEngine):
    """Papermill's engine with warm kernels, a time for the whole, and the notebook kept."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        warm: Warm | None = None,
        seconds: float = 0,
        kept: list[nbformat.NotebookNode] | None = None,
        extra_arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        start_timeout: int = 60,
        **_: Any,
    ) -> None:
        """Run the cells.

        Args:
            nb_man: papermill's record of the run.
            kernel_name: of the kernel's specification.
            warm: what to fork from; without it a kernel is started.
            seconds: that the whole notebook may take; 0: no bound.
            kept: gets the notebook, which holds what was run even where a fault ends it.
            extra_arguments: for the kernel.
            environment: variables that the kernel has beside ours.
            start_timeout: seconds that a kernel may take to start.

        Raises:
            OSError: the warm process was closed, as its run is being ended.
        """
        if kept is not None:
            kept.append(nb_man.nb)
        forked = {}
        if warm is not None and warm.usable:
            forked["kernel_manager_class"] = warm.manager
        if warm is not None and warm.closed:  # maybe while it was waited for
            raise OSError("the run is being ended")
        Client(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            shutdown_kernel="immediate",
            extra_arguments=list(extra_arguments),
            seconds=seconds,
            log=logger,
            **forked,
        ).execute(env=os.environ | dict(environment or {}))
        _drop_widgets(nb_man.nb)


def _drop_widgets(notebook: nbformat.NotebookNode) -> None:
    """Take out widgets, which are dead without their kernel: a bar would stand at 0 % for ever."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]


papermill_engines.register(ENGINE, Engine)


def _short_folder() -> str:
    """Return where sockets may lie, as their paths are bounded (108 bytes on Linux)."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST else "/tmp"


def _forks() -> bool:
    """Say whether a process with its imports done may be forked: on macOS system libraries mind."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def imports(notebook: Path) -> set[str]:
    """Return the modules that a notebook's cells import at their top level."""
    found = set()
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # a magic, or a defect that the run will tell
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
