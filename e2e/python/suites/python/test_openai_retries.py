"""What can help is tried again, by the SDK's own rules; what is charged is what was delivered."""

import unittest

import openai

from world.books import nanos
from world.world import price_of, the_world

from .test_openai_chat import HELLO


class Retries(unittest.TestCase):
    def setUp(self) -> None:
        self.world = the_world()
        self.key = self.world.key()
        self.call = self.world.name("call")

    def test_a_failed_upstream_is_tried_again_and_charged_once(self) -> None:
        model = self.world.model()
        self.world.script(self.call, error={"status": 500}, fail_times=1)
        before = self.world.refused("upstream_failed")
        answer = self.world.client(self.key, max_retries=2).chat.completions.create(
            model=model, messages=HELLO, user=self.call
        )
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(self.world.refused("upstream_failed"), before + 1)
        self.assertEqual(len(self.world.booked(self.call)), 2)
        served, failed = self.world.calls(self.key, 2)
        self.assertEqual(nanos(failed["cost"]), 0)
        self.assertEqual(nanos(served["cost"]), price_of(self.world.reported(self.call)))

    def test_a_failed_upstream_is_a_502(self) -> None:
        model = self.world.model()
        self.world.script(self.call, error={"status": 500})
        with self.assertRaises(openai.InternalServerError) as raised:
            self.world.client(self.key).chat.completions.create(
                model=model, messages=HELLO, user=self.call
            )
        self.assertEqual((raised.exception.status_code, raised.exception.code), (502, "upstream_failed"))

    def test_a_rate_limit_is_waited_for(self) -> None:
        model = self.world.model()
        key = self.world.key(rate_limits={"requests_per_minute": 60})
        client = self.world.client(key)
        call = {"model": model, "messages": HELLO, "max_tokens": 1}
        with self.assertRaises(openai.RateLimitError) as raised:
            for _ in range(200):
                client.chat.completions.create(**call)
        self.assertEqual(raised.exception.code, "rate_limited")
        self.assertIsNone(raised.exception.response.headers.get("x-should-retry"))
        self.assertIn(raised.exception.response.headers["retry-after"], ["1", "2"])
        answer = client.with_options(max_retries=3).chat.completions.create(**call)
        self.assertTrue(answer.choices)

    def test_a_client_that_times_out_is_billed_what_the_upstream_counted(self) -> None:
        model = self.world.model()
        self.world.script(self.call, delay_ms=1_500)
        with self.assertRaises(openai.APITimeoutError):
            self.world.client(self.key, timeout=0.4).chat.completions.create(
                model=model, messages=HELLO, user=self.call
            )
        (bill,) = self.world.calls(self.key, 1)
        self.assertEqual(bill["outcome"], "client_gone")
        self.assertEqual(bill["usage_source"], "upstream_final")
        self.assertEqual(nanos(bill["cost"]), price_of(self.world.reported(self.call)))

    def test_a_client_that_leaves_a_stream_is_billed_what_the_upstream_counted(self) -> None:
        model = self.world.model()
        self.world.script(self.call, output_tokens=30, chunk_delay_ms=20)
        stream = self.world.client(self.key).chat.completions.create(
            model=model, messages=HELLO, user=self.call, stream=True
        )
        next(stream)
        stream.close()
        (bill,) = self.world.calls(self.key, 1)
        self.assertEqual(bill["usage_source"], "upstream_final")
        self.assertEqual(bill["usage"]["output"], 30)
        self.assertEqual(nanos(bill["cost"]), price_of(self.world.reported(self.call)))

    def test_an_error_event_amid_a_stream_raises(self) -> None:
        model = self.world.model()
        script = {"after_chunks": 3, "message": "The model is overloaded."}
        self.world.script(self.call, output_tokens=10, error_event_mid_stream=script)
        self.assert_stream_breaks_off_after(model, 3)

    def test_an_upstream_that_breaks_off_amid_a_stream_raises(self) -> None:
        model = self.world.model()
        self.world.script(self.call, output_tokens=10, cut={"at": "mid_stream", "after_chunks": 4})
        self.assert_stream_breaks_off_after(model, 4)

    def assert_stream_breaks_off_after(self, model: str, count: int) -> None:
        stream = self.world.client(self.key).chat.completions.create(
            model=model, messages=HELLO, user=self.call, stream=True
        )
        texts = []
        with self.assertRaises(openai.APIError):
            for chunk in stream:
                texts += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        self.assertEqual(len(texts), count)
        (bill,) = self.world.calls(self.key, 1)
        self.assertEqual(bill["outcome"], "upstream_cut")
        self.assertGreater(nanos(bill["cost"]), 0)
