"""Papermill's engine with forked kernels, a time limit for the whole notebook, and no widgets."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

from analysis.runs.fork_server import ForkServer

ENGINE = "counterpoint"
WIDGET = "application/vnd.jupyter.widget-view+json"


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by a fork of the server."""

    server: ForkServer

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Fork, where `LocalProvisioner` would start a process; return how to connect."""
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        self.process = self.server.kernel(argv, cwd=self.cwd, env=kwargs.get("env") or os.environ)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class ForkKernelManager(AsyncKernelManager):
    """Manages one forked kernel, with sockets in a private folder."""

    def __init__(self, server: ForkServer, **kwargs: Any) -> None:
        """Name the server to fork from."""
        super().__init__(transport="ipc", connection_file=server.connection_file(), **kwargs)
        self._server = server

    async def _async_pre_start_kernel(self, **kwargs: Any):
        self.kernel_id = self.kernel_id or Path(self.connection_file).stem
        self.provisioner = ForkProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
        self.provisioner.server = self._server
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel


class Client(PapermillNotebookClient):
    """Runs a notebook's cells, all of them within one time limit."""

    def __init__(
        self, *args: Any, server: ForkServer | None = None, seconds: float = 0, **kwargs: Any
    ) -> None:
        """Start to count the seconds (0: no limit); without a server, a kernel is started."""
        if seconds:
            ends = time.monotonic() + seconds
            kwargs["timeout_func"] = lambda _: max(1, round(ends - time.monotonic()))
        super().__init__(*args, **kwargs)
        self._server = server

    def create_kernel_manager(self) -> KernelManager:
        """Return the manager of a forked kernel where there is a server."""
        if self._server is None or not self._server.usable:
            return super().create_kernel_manager()
        self.km = ForkKernelManager(self._server, kernel_name=self.kernel_name, config=self.config)
        return self.km

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel, and have it end with the run."""
        await super().async_start_new_kernel(**kwargs)
        if self._server is not None:
            self._server.watch(self.km.provisioner.process)

    start_new_kernel = run_sync(async_start_new_kernel)


class Engine(NBClientEngine):
    """Papermill's engine with forked kernels, a time limit, and the notebook kept."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        server: ForkServer | None = None,
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
            server: what to fork from; without it a kernel is started.
            seconds: that the whole notebook may take; 0: no bound.
            kept: gets the notebook, which holds what was run even where a fault ends it.
            extra_arguments: for the kernel.
            environment: variables that the kernel has beside ours.
            start_timeout: seconds that a kernel may take to start.

        Raises:
            OSError: the run is being ended.
        """
        if kept is not None:
            kept.append(nb_man.nb)
        if server is not None and not server.usable and server.closed:  # perhaps while it waited
            raise OSError("the run is being ended")
        Client(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            shutdown_kernel="immediate",
            extra_arguments=list(extra_arguments),
            seconds=seconds,
            server=server,
            log=logger,
        ).execute(env=os.environ | dict(environment or {}), stdout=DEVNULL, stderr=DEVNULL)
        _drop_widgets(nb_man.nb)


def _drop_widgets(notebook: nbformat.NotebookNode) -> None:
    """Take out widgets, which are dead without their kernel: a bar would stay at 0% forever."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]


papermill_engines.register(ENGINE, Engine)
