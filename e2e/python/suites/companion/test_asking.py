"""The companion at a terminal: verbs run bare ask for what they need, and a person answers."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

from clients import claude_code
from suites.companion.home import Home
from world import the_world
from world.stage import Stage
from world.world import program

PATIENCE = 30
ENTER, DOWN = "\r", "\x1b[B"
# What a terminal draws with, beside letters.
DRAWING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Session:
    """A program at a terminal of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str], place: str):
        self._terminal, theirs = pty.openpty()
        self.shown = ""
        self._seen = 0
        self._child = subprocess.Popen(
            arguments,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
            cwd=place,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def answer(self, question: str, keys: str) -> None:
        """Waits for a question, and types."""
        deadline = time.monotonic() + PATIENCE
        while question not in self.shown[self._seen :]:
            if time.monotonic() > deadline or not self._read():
                self.end()
                raise AssertionError(f"it never asked {question!r}:\n{self.shown}")
        self._seen = len(self.shown)
        os.write(self._terminal, keys.encode())

    def end(self) -> int:
        """What it ended with."""
        while self._child.poll() is None and self._read():
            pass
        if self._child.poll() is None:
            try:
                self._child.wait(1)
            except subprocess.TimeoutExpired:
                self._child.send_signal(signal.SIGKILL)
        while self._read(0):
            pass
        return self._child.wait()

    def close(self) -> None:
        self._child.kill()
        self._child.wait()
        os.close(self._terminal)

    def _read(self, patience: float = PATIENCE) -> bool:
        if not select.select([self._terminal], [], [], patience)[0]:
            return False
        try:
            drawn = os.read(self._terminal, 65_536).decode(errors="replace")
        except OSError:
            # Its end of the line is closed.
            return False
        self.shown += DRAWING.sub("", drawn)
        return drawn != ""


class Asking(Home):
    names = (".claude/settings.json",)

    def session(self, *arguments: str) -> Session:
        command = [the_world().binary, *arguments]
        session = Session(command, self.environment(), str(self.terminal.work))
        self.addCleanup(session.close)
        return session

    def test_use_with_an_address(self) -> None:
        stage = Stage(the_world(), "messages", claude_code.MODEL)
        session = self.session("use")
        session.answer("Which tool?", ENTER)
        session.answer("Address", the_world().base_url + ENTER)
        session.answer("Key", stage.key.secret + ENTER)
        session.answer("Apply this to Claude Code?", "n" + ENTER)
        self.assertEqual(session.end(), 1)
        self.assertEqual(self.files(), {})
        session = self.session("use", "claude-code")
        session.answer("Address", the_world().base_url + ENTER)
        session.answer("Key", stage.key.secret + ENTER)
        session.answer("Apply this to Claude Code?", "y" + ENTER)
        self.assertEqual(session.end(), 0, session.shown)
        self.assertIn("Claude Code is set up", session.shown)
        self.assertNotIn(stage.key.secret, session.shown)
        self.assertIn(stage.key.secret.encode(), self.files()[".claude/settings.json"])
        session = self.session("clear")
        session.answer("Which tool?", ENTER)
        session.answer("?", "y" + ENTER)
        self.assertEqual(session.end(), 0, session.shown)
        self.assertEqual(self.files(), {})

    def test_an_account_and_its_tokens(self) -> None:
        site = self.process("site", program("SIMULATED_SITE_BIN"), "--conduct", '{"tokens": 5}')
        session = self.session("account", "add")
        session.answer("Site:", DOWN * 2 + ENTER)
        session.answer("URL:", site["base_url"] + ENTER)
        session.answer("What do you call", "mine" + ENTER)
        session.answer("Sign in with:", ENTER)
        session.answer("Your user id", str(site["user_id"]) + ENTER)
        session.answer("access token:", site["access_token"] + ENTER)
        self.assertEqual(session.end(), 0, session.shown)
        self.assertNotIn(site["access_token"], session.shown)
        session = self.session("use", "claude-code", "--no-verify")
        session.answer("Account:", ENTER)
        session.answer("Token:", DOWN + ENTER)
        session.answer("Apply this to Claude Code?", "y" + ENTER)
        self.assertEqual(session.end(), 0, session.shown)
        (row,) = [
            row
            for row in self.assert_ok(self.tollkeeper("status", "--json"))["data"]
            if row["configured"]
        ]
        # Disabled and exhausted ones are not offered; the newest comes first.
        self.assertEqual(row["source"], "mine/token-4")
