"""Claude Code through the gateway."""

import json
import unittest

from clients import claude_code
from suites.agent import COMMAND, Agent
from suites.channels import on_every_channel
from world import the_world


class ClaudeCode(Agent, unittest.TestCase):
    agent = claude_code

    @on_every_channel
    def the_usage_that_it_shows(self, dialect: str) -> None:
        stage = self.stage(dialect)
        counts = {"prompt_tokens": 900, "cached_tokens": 512, "reasoning_tokens": 17}
        stage.script(tool_use={"command": COMMAND}, **counts)
        ended = self.prompt(stage, flags=["--output-format", "json"])
        shown = json.loads(ended.stdout)
        self.assertIn("tollkeeper-42", shown["result"])
        booked = stage.booked()
        classes = ("input", "cached", "output")
        total = {name: sum(tokens[name] for tokens in booked) for name in classes}
        usage = shown["usage"]
        self.assertEqual(usage["input_tokens"], total["input"])
        self.assertEqual(usage["cache_read_input_tokens"], total["cached"])
        self.assertEqual(usage["output_tokens"], total["output"])

    @on_every_channel
    def its_context_is_counted_for_nothing(self, dialect: str) -> None:
        stage = self.stage(dialect)
        base_url = the_world().base_url
        ended = self.agent.run(self.terminal, base_url, stage.key.secret, "/context")
        self.assertEqual(ended.code, 0, ended.all())
        self.assertIn("Context Usage", ended.stdout)
        self.assertEqual(stage.calls(), [])
        self.assertEqual(stage.differences(), [])

    def test_a_key_of_another_service_left_in_the_shell(self) -> None:
        stage = self.stage("messages")
        stage.script(tool_use={"command": COMMAND}, thoughts="A file, then.")
        left = {"ANTHROPIC_API_KEY": "sk-ant-api03-left-in-the-shell"}
        self.assert_worked(self.prompt(stage, environment=left))
