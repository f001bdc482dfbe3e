"""`tollkeeper use TOOL` in an empty home, and then the real tool, with nothing but its own file."""

import json

from clients import claude_code, codex
from clients.agent import program
from clients.terminal import Ended
from suites.agent import COMMAND, PROMPT, PROOF
from suites.companion.home import QUIET, Home
from world import the_world
from world.stage import Stage
from world.world import program as built

# What a person has in the file already. Codex asks its makers for plugins and sends them figures
# unless it is told not to.
MINE = """\
# mine
check_for_update_on_startup = false

[features]
plugins = false # none

[analytics]
enabled = false
"""


class Companion(Home):
    names = (".claude/settings.json", ".codex/config.toml", ".codex/auth.json")

    def claude(self, stage: Stage, **environment: str) -> Ended:
        self.asked(stage)
        claude = program("@anthropic-ai/claude-code-*/claude")
        command = [claude, "-p", "--dangerously-skip-permissions", PROMPT]
        return self.terminal.run(command, {**QUIET, **environment})

    def codex(self, stage: Stage) -> Ended:
        self.asked(stage)
        binary = program("@openai/codex-*/vendor/*/bin/codex")
        flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
        return self.terminal.run([binary, "exec", *flags, PROMPT], {})

    def test_claude_code_from_an_empty_home_and_back(self) -> None:
        stage = Stage(the_world(), "messages", claude_code.MODEL)
        flags = ("--model", claude_code.MODEL, "--yes", "--json")
        used = self.assert_ok(self.use("claude-code", stage.key.secret, *flags))
        self.assertTrue(used["verified"]["call"]["has_model"])
        self.assertNotIn(stage.key.secret, json.dumps(used))
        left = {"ANTHROPIC_API_KEY": "sk-ant-api03-left-in-the-shell"}
        self.assert_worked(self.claude(stage, **left), stage)
        self.assert_ok(self.tollkeeper("clear", "claude-code", "--yes", "--json"))
        self.assertEqual(self.files(), {})

    def test_claude_code_with_no_secret_in_its_file(self) -> None:
        stage = Stage(the_world(), "messages", claude_code.MODEL)
        flags = ("--model", claude_code.MODEL, "--no-secret-in-file", "--yes", "--json")
        self.assert_ok(self.use("claude-code", stage.key.secret, *flags))
        self.assertNotIn(stage.key.secret.encode(), b"".join(self.files().values()))
        self.assert_worked(self.claude(stage), stage)

    def test_a_sites_tokens_serve_both_from_an_empty_home_and_back(self) -> None:
        # The site's first token is one that the gateway, its node, takes.
        stages = [
            Stage(the_world(), "messages", claude_code.MODEL),
            Stage(the_world(), "responses", codex.MODEL),
        ]
        for stage, tool in zip(stages, ("claude-code", "codex")):
            value = stage.key.secret.removeprefix("sk-")
            conduct = json.dumps({"first_value": value})
            site = self.process(tool, built("SIMULATED_SITE_BIN"), "--conduct", conduct)
            add = ("account", "add", tool, "--site", site["base_url"])
            user = ("--user-id", str(site["user_id"]), "--access-token-stdin", "--json")
            self.assert_ok(self.tollkeeper(*add, *user, key=site["access_token"]))
            listed = self.assert_ok(self.tollkeeper("tokens", "--account", tool, "--json"))
            self.assertIn("1", [str(token["id"]) for token in listed["tokens"]])
            node = ("node", "add", "--provider", tool, "gateway", the_world().base_url, "--json")
            self.assert_ok(self.tollkeeper(*node))
            token = ("--account", tool, "--node", "gateway", "--token", "1", "--model", stage.model)
            self.assert_ok(self.tollkeeper("use", tool, *token, "--yes", "--json"))
        self.assert_worked(self.claude(stages[0]), stages[0])
        ended = self.codex(stages[1])
        # In an empty home nothing tells Codex to leave its makers alone; it reached nobody but the node.
        self.terminal.elsewhere.asked_for.clear()
        self.assert_worked(ended, stages[1])
        for tool in ("claude-code", "codex"):
            self.assert_ok(self.tollkeeper("clear", tool, "--yes", "--json"))
        self.assertEqual(self.files(), {})

    def test_a_new_token_of_the_gateways_own_account(self) -> None:
        one = the_world()
        model = one.model()
        one.add_rule({"model": model}, {"tool_use": {"command": COMMAND}})
        add = ("account", "add", "mine", "--site", one.base_url, "--key-stdin", "--json")
        self.assert_ok(self.tollkeeper(*add, key=one.management_key))
        made = self.assert_ok(self.tollkeeper("tokens", "make", "--name", "laptop", "--account", "mine", "--yes", "--json"))
        listed = self.assert_ok(self.tollkeeper("tokens", "--account", "mine", "--json"))
        self.assertIn("laptop", [token["name"] for token in listed["tokens"]])
        token = ("--account", "mine", "--token", "laptop", "--model", model)
        used = self.assert_ok(self.tollkeeper("use", "claude-code", *token, "--yes", "--json"))
        self.assertTrue(used["verified"]["call"]["has_model"], made)
        claude = program("@anthropic-ai/claude-code-*/claude")
        ended = self.terminal.run([claude, "-p", "--dangerously-skip-permissions", PROMPT], QUIET)
        self.assertEqual(ended.code, 0, ended.all())
        self.assertIn(PROOF, ended.stdout)

    def test_codex_beside_what_a_person_has_and_back(self) -> None:
        directory = self.terminal.home / ".codex"
        directory.mkdir()
        (directory / "config.toml").write_text(MINE)
        login = '{"auth_mode": "apikey", "OPENAI_API_KEY": "sk-proj-of-mine", "tokens": null}'
        (directory / "auth.json").write_text(login)
        before = self.files()
        stage = Stage(the_world(), "responses", codex.MODEL)
        flags = ("--model", codex.MODEL, "--yes", "--json")
        self.assert_ok(self.use("codex", stage.key.secret, *flags))
        self.assertEqual((directory / "auth.json").read_text(), login)
        self.assert_worked(self.codex(stage), stage)
        self.assert_ok(self.tollkeeper("clear", "codex", "--yes", "--json"))
        self.assertEqual(self.files(), before)

    def test_codex_with_no_secret_in_its_file(self) -> None:
        (self.terminal.home / ".codex").mkdir()
        (self.terminal.home / ".codex/config.toml").write_text(MINE)
        stage = Stage(the_world(), "responses", codex.MODEL)
        flags = ("--model", codex.MODEL, "--no-secret-in-file", "--yes", "--json")
        self.assert_ok(self.use("codex", stage.key.secret, *flags))
        self.assertNotIn(stage.key.secret.encode(), b"".join(self.files().values()))
        self.assert_worked(self.codex(stage), stage)

    def test_a_key_that_the_node_refuses_changes_nothing(self) -> None:
        ended = self.use("codex", "sk-no-key-of-this-node", "--yes")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("everything is as it was before", ended.stderr)
        self.assertEqual(self.files(), {})
        used = self.use("codex", "sk-no-key-of-this-node", "--yes", "--no-verify", "--json")
        self.assertIsNone(self.assert_ok(used)["verified"]["call"])

    def test_without_a_terminal_nothing_is_changed_unasked(self) -> None:
        ended = self.use("codex", "sk-whatever-it-is", "--no-verify")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("give --yes", ended.stderr)
        self.assertEqual(self.files(), {})
        shown = self.assert_ok(self.use("codex", "sk-whatever-it-is", "--dry-run", "--json"))
        self.assertFalse(shown["applied"])
        self.assertIn("+model_provider", shown["files"][0]["diff"])
        self.assertEqual(self.files(), {})

    def test_status_undo_and_backups(self) -> None:
        (self.terminal.home / ".claude").mkdir()
        settings = self.terminal.home / ".claude/settings.json"
        settings.write_text('{\n  "model": "opus"\n}\n')
        before = self.files()
        self.assert_ok(self.use("claude-code", "sk-one-key-of-mine", "--yes", "--no-verify", "--json"))
        (row,) = [
            row
            for row in self.assert_ok(self.tollkeeper("status", "--json"))["data"]
            if row["configured"]
        ]
        self.assertEqual((row["tool"], row["standing"]), ("claude-code", "as_written"))
        after = self.files()
        self.assert_ok(self.tollkeeper("undo", "--yes", "--json"))
        self.assertEqual(self.files(), before)
        backups = self.assert_ok(self.tollkeeper("backups", "list", "--json"))["data"]
        written = [row for row in backups if row["size"] == len(after[".claude/settings.json"])]
        shown = self.assert_ok(self.tollkeeper("backups", "show", written[0]["id"], "--json"))
        self.assertNotIn("sk-one-key-of-mine", shown["text"])
        restored = self.tollkeeper("backups", "restore", written[0]["id"], "--yes", "--json")
        self.assert_ok(restored)
        self.assertEqual(self.files(), after)
        self.assertEqual(self.tollkeeper("clear", "claude-code", "--yes").returncode, 1)
