"""A person's home for one test: what the companion does in it, and a real tool run with nothing but
what stands there."""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from clients.terminal import Ended, Terminal
from suites.agent import COMMAND, PROOF
from world import the_world
from world.process import Process
from world.stage import Stage

# Claude Code then asks nobody but its node, and does as root what it is told.
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "IS_SANDBOX": "1",
}


class Home(unittest.TestCase):
    """`names` are the tools' files that are looked at; `tool_use` is what the model asks
    for, `requests` how many the tool then makes."""

    names: tuple[str, ...] = ()
    tool_use: dict = {"command": COMMAND}
    requests = 2

    def setUp(self) -> None:
        place = Path(tempfile.mkdtemp(prefix="tollkeeper-companion-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.terminal = Terminal(place)
        self.addCleanup(self.terminal.elsewhere.end)

    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.terminal.home)}

    def tollkeeper(self, *arguments: str, key: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [the_world().binary, *arguments],
            input=key,
            capture_output=True,
            env=self.environment(),
            cwd=self.terminal.work,
            text=True,
            timeout=60,
        )

    def process(self, name: str, *arguments: str) -> dict:
        """Starts a program that says in one line of JSON where it is."""
        log = self.terminal.work.parent / f"{name}.log"
        started = Process(name, list(arguments), log, self.environment())
        self.addCleanup(started.end)
        return json.loads(started.first_line)

    def use(self, tool: str, key: str, *flags: str) -> subprocess.CompletedProcess:
        url = the_world().base_url
        return self.tollkeeper("use", tool, "--url", url, "--key-stdin", *flags, key=key)

    def files(self) -> dict[str, bytes]:
        """The tools' files, without the companion's own and what the tools wrote themselves."""
        found = {name: self.terminal.home / name for name in self.names}
        return {name: path.read_bytes() for name, path in found.items() if path.exists()}

    def asked(self, stage: Stage) -> None:
        """The model will ask the tool to run a command, and then say what it printed."""
        stage.script(tool_use=self.tool_use, thoughts="A file, then.")

    def assert_worked(self, ended: Ended, stage: Stage) -> None:
        self.assertEqual(ended.code, 0, ended.all())
        self.assertIn(PROOF, ended.stdout)
        self.assertEqual(self.terminal.elsewhere.asked_for, [])
        self.assertEqual(len(stage.booked()), self.requests)
        self.assertEqual(stage.differences(), [])

    def assert_ok(self, ended: subprocess.CompletedProcess) -> dict:
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return json.loads(ended.stdout)
