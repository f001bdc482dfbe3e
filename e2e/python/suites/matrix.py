"""The matrix that every SDK runs: each task on channels of all four dialects, then each refusal.

A suite makes a test case of it by naming the SDK. After each task the books must agree.
"""

import unittest

from clients.sdk import Answer, Refused, Sdk, weather
from suites.channels import Channels, on_every_channel
from world import the_world
from world.stage import Stage

QUESTION = "Please look at Zürich and 北京."
CITIES = ["Zürich", "北京"]
CALLS = [{"name": "weather", "arguments": {"city": city}} for city in CITIES]
THOUGHTS = "Two cities, so two calls."


class Matrix(Channels):
    """A mixin for test cases; `sdk` is what they are about."""

    model: str

    def sdk(self, base_url: str, secret: str) -> Sdk:
        raise NotImplementedError

    def stage(self, dialect: str, **key: object) -> Stage:
        return Stage(the_world(), dialect, self.model, **key)

    def client(self, stage: Stage, secret: str | None = None) -> Sdk:
        return self.sdk(the_world().base_url, secret or stage.key.secret)

    def settle(self: unittest.TestCase, stage: Stage, answer: Answer, count: int) -> None:
        """The answer's usage is the provider's, and all bills of the stage are exact."""
        booked = stage.booked()
        self.assertEqual(len(booked), count)
        last = booked[-1]
        total = sum(last[name] for name in ("input", "cached", "cache_write", "cache_write_1h"))
        self.assertEqual((answer.input_tokens, answer.output_tokens), (total, last["output"]))
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def json(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(prompt_tokens=900, cached_tokens=512, reasoning_tokens=7)
        answer = self.client(stage).ask(self.model, QUESTION, stream=False)
        self.assertIn(QUESTION, answer.text)
        self.settle(stage, answer, 1)

    @on_every_channel
    def stream(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(prompt_tokens=900, cached_tokens=512, reasoning_tokens=7)
        answer = self.client(stage).ask(self.model, QUESTION, stream=True)
        self.assertIn(QUESTION, answer.text)
        self.assertGreater(answer.pieces, 1)
        self.settle(stage, answer, 1)

    @on_every_channel
    def tools(self, dialect: str) -> None:
        self.use_tools(dialect, stream=False)

    @on_every_channel
    def tools_in_a_stream(self, dialect: str) -> None:
        self.use_tools(dialect, stream=True)

    def use_tools(self: unittest.TestCase, dialect: str, stream: bool) -> None:
        stage = self.stage(dialect)
        stage.script(tool_use={"calls": CALLS}, thoughts=THOUGHTS)
        answer = self.client(stage).use_tools(self.model, QUESTION, stream)
        self.assertEqual(answer.tool_calls, [("weather", {"city": city}) for city in CITIES])
        for city in CITIES:
            self.assertIn(weather(city), answer.text)
        self.settle(stage, answer, 2)

    def test_models_are_those_the_key_may_call(self: unittest.TestCase) -> None:
        stage = self.stage("chat")
        self.assertEqual(self.client(stage).models(), [self.model])

    def refusal(
        self: unittest.TestCase, stage: Stage, status: int, code: str | None, **call: object
    ) -> Refused:
        """Asks, and is refused with this status and code, in the SDK's class for that."""
        client = self.client(stage, call.get("secret"))
        with self.assertRaises(Refused) as raised:
            client.ask(call.get("model", self.model), QUESTION, call.get("stream", False))
        error = raised.exception
        found = (error.status, code and error.code, error.kind)
        self.assertEqual(found, (status, code, client.errors[status]), error)
        self.assertGreater(len(error.message), 15)
        return error

    def test_401_for_a_revoked_key(self) -> None:
        stage = self.stage("chat")
        the_world().manage("POST", f"/v1/api-keys/{stage.key.id}/revoke")
        self.refusal(stage, 401, "key_revoked")
        self.refusal(stage, 401, "malformed_key", secret="sk-cut-off")

    def test_402_for_a_key_that_is_used_up(self) -> None:
        stage = self.stage("messages", quota="0.000001", when_short="refuse")
        self.refusal(stage, 402, "key_quota_exhausted")
        self.refusal(stage, 402, "key_quota_exhausted", stream=True)
        self.assertEqual(stage.served(), 0)

    def test_404_for_an_unknown_model(self) -> None:
        self.refusal(self.stage("gemini"), 404, "model_not_found", model="no-such-model")

    def test_429_says_when_to_come_back(self) -> None:
        stage = self.stage("chat", rate_limits={"requests_per_minute": 1})
        self.client(stage).ask(self.model, QUESTION, stream=False)
        error = self.refusal(stage, 429, "rate_limited")
        if self.sdk.shows_retry_after:
            self.assertIn(int(error.retry_after), range(50, 62))

    @on_every_channel
    def upstreams_429_keeps_its_retry_after(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(error={"status": 429, "retry_after": "7"})
        error = self.refusal(stage, 429, None)
        if self.sdk.shows_retry_after:
            self.assertEqual(error.retry_after, "7")

    @on_every_channel
    def upstreams_400_keeps_its_message(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(error={"status": 400, "body": _error(dialect, "There are too many images.")})
        for stream in (False, True):
            error = self.refusal(stage, 400, None, stream=stream)
            self.assertIn("There are too many images.", error.message)
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def upstreams_500_is_a_502_and_free(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(error={"status": 500})
        self.refusal(stage, 502, "upstream_failed")
        self.assertEqual(stage.differences(), [])

    @on_every_channel
    def a_stream_that_is_cut_never_looks_whole(self, dialect: str) -> None:
        stage = self.stage(dialect)
        stage.script(output_tokens=40, cut={"at": "mid_stream", "after_chunks": 5})
        with self.assertRaises(Refused):
            self.client(stage).ask(self.model, QUESTION, stream=True)
        (call,) = stage.calls(1)
        self.assertEqual(call["outcome"], "upstream_cut")


def _error(dialect: str, message: str) -> dict:
    """An error as the provider of this dialect writes it."""
    if dialect == "gemini":
        return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
    error = {"type": "invalid_request_error", "message": message}
    if dialect == "messages":
        return {"type": "error", "error": error}
    return {"error": {**error, "param": None, "code": None}}
