"""`tollkeeper dock` in Chromium, in both languages: `e2e/node/dock_walk.mjs` clicks, and the real
Claude Code or Codex is run as soon as the page says that it is set up. Pictures are kept in
`target/e2e/dock`."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from clients import claude_code, codex
from clients.agent import program
from suites.agent import PROMPT
from suites.companion.home import QUIET, Home
from suites.companion.test_companion import MINE
from world import the_world
from world.stage import Stage
from world.world import program as built


@dataclass(frozen=True)
class Tool:
    name: str
    file: str
    # What a person has in the file already.
    mine: str
    dialect: str
    model: str
    # What the preview shows with the token in the file, and without.
    with_secret: str
    without_secret: str
    command: tuple[str, ...]
    environment: dict[str, str]


CLAUDE_CODE = Tool(
    name="claude-code",
    file=".claude/settings.json",
    # No end of line at its end.
    mine='{\n\t"theme": "dark",  "cleanupPeriodDays": 1.0e1\n}',
    dialect="messages",
    model=claude_code.MODEL,
    with_secret='ANTHROPIC_AUTH_TOKEN": "sk-',
    without_secret="apiKeyHelper",
    command=("@anthropic-ai/claude-code-*/claude", "-p", "--dangerously-skip-permissions"),
    environment=QUIET,
)
CODEX = Tool(
    name="codex",
    file=".codex/config.toml",
    mine=MINE,
    dialect="responses",
    model=codex.MODEL,
    with_secret='experimental_bearer_token = "sk-',
    without_secret="command = ",
    command=(
        "@openai/codex-*/vendor/*/bin/codex",
        "exec",
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
    ),
    environment={},
)


class Dock(Home):
    maxDiff = None
    names = (CLAUDE_CODE.file, CODEX.file)

    def test_claude_code_in_english(self) -> None:
        self.walk("en", CLAUDE_CODE)

    def test_codex_in_chinese(self) -> None:
        self.walk("zh-CN", CODEX)

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

    def walk(self, language: str, tool: Tool) -> None:
        file = self.terminal.home / tool.file
        file.parent.mkdir()
        file.write_text(tool.mine)
        before = self.files()
        self.remember_the_past()
        # The site's first token is one that the gateway, a node of the site, takes.
        stage = Stage(the_world(), tool.dialect, tool.model)
        value = stage.key.secret.removeprefix("sk-")
        conduct = json.dumps({"first_value": value})
        site = self.process("site", built("SIMULATED_SITE_BIN"), "--conduct", conduct)
        dock = self.process("dock", the_world().binary, "dock", "--no-open", "--json")
        sdks = Path(os.environ["NODE_SDKS"])
        order = {
            "url": dock["url"],
            "language": language,
            "tool": tool.name,
            "with_secret": tool.with_secret,
            "without_secret": tool.without_secret,
            "pictures": str(sdks.parent / "dock" / language),
            "site_url": site["base_url"],
            "user_id": site["user_id"],
            "access_token": site["access_token"],
            "node_url": the_world().base_url,
            "model": tool.model,
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
        self.assertIn(stage.key.secret.encode(), self.files()[tool.file])
        self.asked(stage)
        command = [program(tool.command[0]), *tool.command[1:], PROMPT]
        self.assert_worked(self.terminal.run(command, tool.environment), stage)
        self.assertEqual(told({}), {"look": "cleared"})
        self.assertEqual(self.files(), before)
        self.assertEqual(told({}), {"problems": []})


def balance(left: float, used: float) -> dict:
    return {"balance_usd": round(left, 2), "used_usd": round(used, 2), "unlimited": False}
