"""A terminal in an empty home: runs a program as a person would, with nothing of ours around it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from world.world import until

from .elsewhere import Elsewhere

# A program that has not ended by then hangs.
PATIENCE = 90


@dataclass
class Ended:
    """What the person at the terminal saw."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    def all(self) -> str:
        return f"{self.stdout}\n{self.stderr}"


class Terminal:
    """`home` and `work` are directories in `place`; `elsewhere` heard whatever wanted to leave."""

    def __init__(self, place: Path):
        self.home, self.work = place / "home", place / "work"
        self.home.mkdir()
        self.work.mkdir()
        self.elsewhere = Elsewhere()

    def run(
        self,
        arguments: list[str],
        environment: dict[str, str],
        interrupt_when: Callable[[], bool] | None = None,
    ) -> Ended:
        """Runs the program to its end in `work`, or presses Ctrl-C as soon as that is so. It and
        its children are killed if they hang."""
        base = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "SHELL": "/bin/bash",
            **self.elsewhere.environment(),
        }
        started = time.monotonic()
        child = subprocess.Popen(
            arguments,
            cwd=self.work,
            env={**base, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if interrupt_when:
            until(lambda: interrupt_when() or child.poll() is not None, "it is to be interrupted")
            child.send_signal(signal.SIGINT)
        try:
            stdout, stderr = child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            stdout, stderr = child.communicate()
            raise AssertionError(f"{arguments[0]} hung:\n{stdout}\n{stderr}") from None
        return Ended(child.returncode, stdout, stderr, time.monotonic() - started)
