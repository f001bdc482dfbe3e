"""What every coding agent goes through: real work on channels of all four dialects, and what may
happen on the way. A suite makes a test case of it by naming the agent."""

import shutil
import tempfile
import unittest
from pathlib import Path
from types import ModuleType

from clients.terminal import Ended, Terminal
from suites.channels import Channels, on_every_channel
from world import the_world
from world.books import nanos
from world.stage import Stage

COMMAND = "echo tollkeeper-$((6 * 7)) > proof.txt; cat proof.txt"
PROOF = "tollkeeper-42"
WORDS = ("apples", "pears")
PROMPT = "Please write the proof and show it to me."
# Requests that an agent may make for one prompt which can never succeed.
MOST_OF_A_REFUSED_PROMPT = 2


class Agent(Channels):
    """A mixin for test cases; `agent` is a module of `clients`."""

    agent: ModuleType

    def setUp(self: unittest.TestCase) -> None:
        place = Path(tempfile.mkdtemp(prefix="tollkeeper-agent-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.terminal = Terminal(place)
        self.addCleanup(self.terminal.elsewhere.end)

    def stage(self, dialect: str, **key: object) -> Stage:
        return Stage(the_world(), dialect, self.agent.MODEL, **key)

    def prompt(self: unittest.TestCase, stage: Stage, **settings: object) -> Ended:
        """Gives the agent the prompt; whatever becomes of it, it asks nobody else."""
        base_url = the_world().base_url
        ended = self.agent.run(self.terminal, base_url, stage.key.secret, PROMPT, **settings)
        self.assertEqual(self.terminal.elsewhere.asked_for, [], ended.all())
        return ended

    def assert_worked(self: unittest.TestCase, ended: Ended) -> None:
        self.assertEqual(ended.code, 0, ended.all())
        self.assertIn("The tool said: ", ended.stdout)
        self.assertIn(PROOF, ended.stdout)
        self.assertEqual((self.terminal.work / "proof.txt").read_text(), f"{PROOF}\n")

    @on_every_channel
    def a_task(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(tool_use={"command": COMMAND, "say": "I write it."}, thoughts="A file, then.")
        ended = self.prompt(stage)
        self.assert_worked(ended)
        self.assertEqual(len(stage.booked()), 2)
        self.assertEqual(stage.differences(), [])
        calls = stage.calls(2)
        for call in calls:
            self.assertEqual(call["status"], 200, calls)
            dialects = (call["dialect"], call["upstream_dialect"])
            self.assertEqual(dialects, (self.agent.DIALECT, dialect))
            self.assertEqual(call["model"], self.agent.MODEL)

    @on_every_channel
    def two_tools_at_once(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        calls = [self.agent.shell(f"echo {word} > {word}.txt; cat {word}.txt") for word in WORDS]
        stage.script(tool_use={"calls": calls}, thoughts="Two files, then.")
        ended = self.prompt(stage)
        self.assertEqual(ended.code, 0, ended.all())
        for word in WORDS:
            self.assertIn(word, ended.stdout)
            self.assertEqual((self.terminal.work / f"{word}.txt").read_text(), f"{word}\n")
        self.assertEqual(len(stage.booked()), 2)
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def a_conversation_that_goes_on(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(tool_use={"command": COMMAND, "say": "I write it."}, thoughts="A file, then.")
        self.assert_worked(self.prompt(stage))
        (self.terminal.work / "proof.txt").unlink()
        self.assert_worked(self.prompt(stage, resume=True))
        self.assertEqual(len(stage.booked()), 4)
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def a_prompt_that_is_interrupted(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(output_tokens=150, chunk_delay_ms=10, thoughts="It will be long.")
        self.prompt(stage, interrupt_when=stage.served)
        (call,) = stage.calls(1)
        self.assertEqual(call["outcome"], "client_gone")
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def cached_tokens_in_a_task(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        counts = {"prompt_tokens": 30_011, "cached_tokens": 20_003, "reasoning_tokens": 17}
        if dialect == "messages":
            counts |= {"cache_write_tokens": 5_007, "cache_write_1h_tokens": 1_009}
        stage.script(tool_use={"command": COMMAND}, **counts)
        self.assert_worked(self.prompt(stage))
        self.assertEqual(len(stage.booked()), 2)
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def an_upstream_that_fails_once(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(tool_use={"command": COMMAND}, error={"status": 500}, fail_times=1)
        self.assert_worked(self.prompt(stage))
        self.assertEqual(stage.differences(), [])

    def test_an_upstream_that_fails_is_free(self: unittest.TestCase) -> None:
        stage = self.stage("chat")
        stage.script(error={"status": 500})
        ended = self.prompt(stage, retries=1)
        self.assertNotEqual(ended.code, 0)
        self.assertIn("502", ended.all())
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def a_request_that_the_upstream_refuses(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(error={"status": 400, "body": {"error": {"message": "Not on a Sunday."}}})
        ended = self.prompt(stage)
        self.assertNotEqual(ended.code, 0)
        self.assertIn("Not on a Sunday.", ended.all())
        self.assertLessEqual(stage.served(), self.agent.MOST_REQUESTS_AFTER_400)
        self.assertEqual(stage.differences(), [])

    def refused(self: unittest.TestCase, stage: Stage, code: str, **settings: object) -> Ended:
        """A prompt that the gateway refuses, in no more requests than it takes to see that."""
        before = the_world().refused(code)
        ended = self.prompt(stage, **settings)
        requests = the_world().refused(code) - before
        self.assertNotEqual(ended.code, 0, ended.all())
        self.assertIn(requests, range(1, MOST_OF_A_REFUSED_PROMPT + 1), ended.all())
        self.assertEqual(stage.served(), 0)
        return ended

    def test_a_key_that_is_used_up(self: unittest.TestCase) -> None:
        stage = self.stage("chat", quota="0.000001", when_short="refuse")
        ended = self.refused(stage, "key_quota_exhausted")
        self.assertIn("quota", ended.all())

    def test_a_key_that_is_used_up_amid_the_task(self: unittest.TestCase) -> None:
        stage = self.stage("chat", quota="0.42", when_short="lower")
        stage.script(tool_use={"command": COMMAND}, usage={"input": 300_000, "output": 100})
        before = the_world().refused("key_quota_exhausted")
        ended = self.prompt(stage)
        requests = the_world().refused("key_quota_exhausted") - before
        self.assertNotEqual(ended.code, 0, ended.all())
        self.assertIn(requests, range(1, MOST_OF_A_REFUSED_PROMPT + 1), ended.all())
        self.assertIn("quota", ended.all())
        self.assertTrue((self.terminal.work / "proof.txt").exists())
        self.assertEqual(len(stage.booked()), 1)
        self.assertEqual(stage.differences(), [])

    def test_an_upstream_that_asks_to_wait(self: unittest.TestCase) -> None:
        stage = self.stage("chat")
        error = {"status": 429, "retry_after": "1"}
        stage.script(tool_use={"command": COMMAND}, error=error, fail_times=1)
        self.assert_worked(self.prompt(stage))
        self.assertEqual(stage.differences(), [])

    def test_a_revoked_key(self: unittest.TestCase) -> None:
        stage = self.stage("chat")
        the_world().manage("POST", f"/v1/api-keys/{stage.key.id}/revoke")
        ended = self.refused(stage, "key_revoked")
        self.assertIn("revoked", ended.all())

    def test_an_unknown_model(self: unittest.TestCase) -> None:
        ended = self.refused(self.stage("chat"), "model_not_found", model="no-such-model")
        self.assertIn("no-such-model", ended.all())

    @on_every_channel
    def a_long_stream_that_is_cut(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        cut = {"at": "mid_stream", "after_chunks": 150}
        stage.script(answer=f"Here: {PROOF}.", output_tokens=300, cut=cut, fail_times=1)
        ended = self.prompt(stage)
        self.assertEqual(ended.code, 0, ended.all())
        self.assertIn(f"Here: {PROOF}.", ended.stdout)
        whole, cut_off = stage.calls(2)
        self.assertEqual((whole["outcome"], cut_off["outcome"]), ("completed", "upstream_cut"))
        self.assertEqual(whole["usage"]["output"], 300)
        self.assertGreater(nanos(cut_off["cost"]), 0)
