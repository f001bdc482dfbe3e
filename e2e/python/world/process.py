"""Child processes that are never left behind."""

import subprocess
import threading
from pathlib import Path

# So long a process may take to end after it was asked to.
PATIENCE = 30


class Process:
    """A program whose first line of output says where it listens."""

    def __init__(self, name: str, arguments: list[str], log: Path, environment: dict[str, str]):
        self.name = name
        self.log = log
        self._log = log.open("ab")
        self._child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
        )
        self.first_line = self._child.stdout.readline().decode().strip()
        if not self.first_line:
            self.end()
            raise RuntimeError(f"{name} did not start:\n{self.log.read_text()[-4000:]}")
        # Keeps the pipe from filling up.
        threading.Thread(target=self._child.stdout.read, daemon=True).start()

    def end(self) -> int:
        """Asks the program to end, and kills it if it does not; returns its exit code."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._child.kill()
        code = self._child.wait()
        self._log.close()
        return code
