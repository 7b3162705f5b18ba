"""Watch the process that scores ahead, so that no article in it holds up the others."""

import json
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from analysis.params import ReportParams

PATIENCE = 20.0  # seconds that one article may take to be read ahead
SCORING = 120.0  # seconds that `prescore.ROWS` of a group may take
POLL = 0.1  # seconds


class Process(Protocol):
    """What is used of a process."""

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end and return the exit code, none while it runs."""

    def kill(self) -> None:
        """End it."""


class ScoringAhead:
    """Scores articles in a process while reports are made; a report waits until its rows are done.

    An article that cannot be read within `PATIENCE`, or with which the process dies, is left to
    its own report, which has limits of its own, and so is a group whose scoring stands still for
    `SCORING`; the others go on in a new process.
    """

    def __init__(
        self,
        every: Mapping[Hashable, ReportParams],
        start: Callable[[dict[str, Any]], Process],
        log: Path,
        *,
        seconds: float = 0,
        tell: Callable[[int], None] = lambda done: None,
        say: Callable[[str], None] = lambda fault: None,
    ) -> None:
        """Start the process, and a thread that watches it; without articles there is neither.

        Args:
            every: the parameters of the articles by any key.
            start: starts a process with the argument of `analysis.runs.prescore.run`; an OSError
                of it means that nothing is scored ahead.
            log: the file to which that process writes how far it is.
            seconds: that a report may take; nothing here may take longer; 0: no limit.
            tell: called with the number of articles that need not wait any more.
            say: called with a line where articles that could be read were not scored.
        """
        self._every, self._start, self._log = every, start, log
        self._most = seconds or float("inf")
        self._tell, self._say = tell, say
        self._ready = {key: threading.Event() for key in every}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scoring ahead", daemon=True)
        if every:
            self._thread.start()

    def wait(self, key: Hashable) -> None:
        """Wait until an article is scored, or is not going to be."""
        if key in self._ready:
            self._ready[key].wait()

    def close(self) -> None:
        """End the process; nothing waits any more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._log.unlink(missing_ok=True)

    def _run(self) -> None:
        try:
            while (left := self._left()) and self._one_process(left):
                pass
            if (left := self._left()) and not self._ended.is_set():
                self._say(f"scoring first failed; {len(left)} reports score their own rows")
        finally:
            for ready in self._ready.values():
                ready.set()

    def _left(self) -> list[Hashable]:
        return [key for key, ready in self._ready.items() if not ready.is_set()]

    def _one_process(self, keys: list[Hashable]) -> bool:
        """Score some articles in a process; return whether another one is to go on."""
        params = [self._every[key].model_dump(mode="json") for key in keys]
        try:
            self._log.write_text("", encoding="utf-8")
            process = self._start({"params": params, "log": str(self._log)})
        except OSError:
            return False
        seen: list[tuple[str, list[int]]] = [("starting", [])]
        since, code = time.monotonic(), None
        while code is None:
            code = process.wait(POLL)
            if new := self._lines(len(seen) - 1):
                seen, since = seen + new, time.monotonic()
            self._release(keys[n] for stage, numbers in new if stage == "done" for n in numbers)
            limit = {"reading": PATIENCE, "scoring": SCORING}.get(seen[-1][0], self._most)
            if self._ended.is_set() or time.monotonic() - since > min(limit, self._most):
                break
        if code is None:
            process.kill()
            process.wait(None)
        stage, numbers = seen[-1]
        if code == 0:  # all are done, or their scorers keep nothing
            self._release(keys)
        if code == 0 or stage not in ("reading", "scoring") or self._ended.is_set():
            return False
        if stage == "scoring":
            self._say(
                f"scoring {len(numbers)} articles together failed; their reports score their rows"
            )
        self._release(keys[n] for n in numbers)
        return True

    def _lines(self, read: int) -> list[tuple[str, list[int]]]:
        """Return the stages that the process wrote after the first `read` ones."""
        try:
            lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        except OSError:  # the folder was removed
            return []
        return [json.loads(line) for line in lines[read:] if line.endswith("\n")]

    def _release(self, keys: Iterable[Hashable]) -> None:
        released = [self._ready[key].set() for key in keys]
        if released:
            self._tell(sum(ready.is_set() for ready in self._ready.values()))
