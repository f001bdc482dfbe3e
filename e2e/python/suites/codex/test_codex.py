"""Codex through the gateway."""

import json
import unittest

from clients import codex
from suites.agent import COMMAND, Agent
from suites.channels import on_every_channel


class Codex(Agent, unittest.TestCase):
    agent = codex

    @on_every_channel
    def the_usage_that_it_shows(self, dialect: str) -> None:
        stage = self.stage(dialect)
        counts = {"prompt_tokens": 900, "cached_tokens": 512, "reasoning_tokens": 17}
        stage.script(tool_use={"command": COMMAND}, **counts)
        ended = self.prompt(stage, flags=["--json"])
        usage = json.loads(ended.stdout.splitlines()[-1])["usage"]
        booked = stage.booked()
        classes = ("input", "cached", "output")
        total = {name: sum(tokens[name] for tokens in booked) for name in classes}
        self.assertEqual(usage["input_tokens"], total["input"] + total["cached"])
        self.assertEqual(usage["cached_input_tokens"], total["cached"])
        self.assertEqual(usage["output_tokens"], total["output"])

    def test_websockets_are_declined_at_once(self) -> None:
        stage = self.stage("responses")
        stage.script(tool_use={"command": COMMAND})
        ended = self.prompt(stage, websockets=True)
        self.assert_worked(ended)
        self.assertLess(ended.seconds, 10)
        self.assertEqual(stage.differences(), [])
