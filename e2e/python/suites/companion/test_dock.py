"""`tollkeeper dock` in Chromium, in both languages: `e2e/node/dock_walk.mjs` clicks, and the real
Claude Code is run as soon as the page says that it is set up. Pictures are kept in
`target/e2e/dock`."""

import json
import os
import subprocess
import time
from pathlib import Path

from clients import claude_code
from clients.agent import program
from suites.agent import PROMPT
from suites.companion.home import QUIET, Home
from world import the_world
from world.stage import Stage
from world.world import program as built

# What a person has in the file already, with no end of line at its end.
MINE = '{\n\t"theme": "dark",  "cleanupPeriodDays": 1.0e1\n}'


class Dock(Home):
    maxDiff = None
    names = (".claude/settings.json",)

    def test_in_english(self) -> None:
        self.walk("en")

    def test_in_chinese(self) -> None:
        self.walk("zh-CN")

    def remember_the_past(self) -> None:
        """What was left on the account that will be added, a look each day of three weeks."""
        directory = self.terminal.home / ".local/state/tollkeeper/history"
        directory.mkdir(parents=True, mode=0o700)
        now, day = int(time.time() * 1000), 86_400_000
        looks = [
            {"at": now - (21 - at) * day, "balance": balance(30 - at - at % 4 / 3, 1 + at * at / 90)}
            for at in range(20)
        ]
        lines = "".join(json.dumps(look) + "\n" for look in looks)
        (directory / "walked.jsonl").touch(0o600)
        (directory / "walked.jsonl").write_text(lines)

    def walk(self, language: str) -> None:
        (self.terminal.home / ".claude").mkdir()
        (self.terminal.home / ".claude/settings.json").write_text(MINE)
        before = self.files()
        self.remember_the_past()
        # The site's first token is one that the gateway, a node of the site, takes.
        stage = Stage(the_world(), "messages", claude_code.MODEL)
        value = stage.key.secret.removeprefix("sk-")
        conduct = json.dumps({"first_value": value})
        site = self.process("site", built("SIMULATED_SITE_BIN"), "--conduct", conduct)
        dock = self.process("dock", the_world().binary, "dock", "--no-open", "--json")
        sdks = Path(os.environ["NODE_SDKS"])
        order = {
            "url": dock["url"],
            "language": language,
            "pictures": str(sdks.parent / "dock" / language),
            "site_url": site["base_url"],
            "user_id": site["user_id"],
            "access_token": site["access_token"],
            "node_url": the_world().base_url,
            "model": claude_code.MODEL,
            "secret": value,
        }
        walker = subprocess.Popen(
            [program("node-linux-*/bin/node", "NODE_SDKS"), "dock_walk.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=sdks,
            text=True,
        )
        self.addCleanup(walker.communicate)
        self.addCleanup(walker.kill)

        def told(line: dict) -> dict:
            walker.stdin.write(json.dumps(line) + "\n")
            walker.stdin.flush()
            return json.loads(walker.stdout.readline() or '{"problems": ["it ended"]}')

        self.assertEqual(told(order), {"look": "configured"})
        self.assertIn(stage.key.secret.encode(), self.files()[".claude/settings.json"])
        self.asked(stage)
        claude = program("@anthropic-ai/claude-code-*/claude")
        command = [claude, "-p", "--dangerously-skip-permissions", PROMPT]
        self.assert_worked(self.terminal.run(command, QUIET), stage)
        self.assertEqual(told({}), {"look": "cleared"})
        self.assertEqual(self.files(), before)
        self.assertEqual(told({}), {"problems": []})


def balance(left: float, used: float) -> dict:
    return {"balance_usd": round(left, 2), "used_usd": round(used, 2), "unlimited": False}
