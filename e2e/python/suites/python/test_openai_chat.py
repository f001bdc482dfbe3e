"""Answers, streams, tools and lists of models come through the SDK as they left the upstream."""

import json
import unittest

import httpx

from world.books import nanos
from world.upstream import TOOL_CALLS, USAGE
from world.world import price_of, the_world

HELLO = [{"role": "user", "content": "Hello, who are you?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city – 天气",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


class Chat(unittest.TestCase):
    def setUp(self) -> None:
        self.world = the_world()
        self.key = self.world.key()
        self.client = self.world.client(self.key)
        self.call = self.world.name("call")

    def bill(self) -> dict:
        """The one call's bill, compared with the provider's books."""
        (bill,) = self.world.calls(self.key, 1)
        tokens = self.world.reported(self.call)
        self.assertEqual(nanos(bill["cost"]), price_of(tokens))
        self.assertEqual(nanos(bill["charged"]), price_of(tokens))
        self.assertEqual(bill["usage_source"], "upstream_final")
        self.assertEqual(bill["usage"]["output"], tokens["completion"])
        return bill

    def test_json(self) -> None:
        model = self.world.model()
        raw = self.client.chat.completions.with_raw_response.create(
            model=model, messages=HELLO, user=self.call, max_tokens=200
        )
        answer = raw.parse()
        self.assertIn("Hello, who are you?", answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        tokens = self.world.reported(self.call)
        self.assertEqual(answer.usage.prompt_tokens, tokens["prompt"])
        self.assertEqual(answer.usage.completion_tokens, tokens["completion"])
        self.assertEqual(raw.headers["x-request-id"], self.bill()["id"])

    def test_cached_and_reasoning_tokens_are_billed_by_class(self) -> None:
        model = self.world.model()
        self.world.script(self.call, prompt_tokens=900, cached_tokens=512, reasoning_tokens=7)
        answer = self.client.chat.completions.create(
            model=model, messages=HELLO, user=self.call, max_tokens=200
        )
        self.assertEqual(answer.usage.prompt_tokens_details.cached_tokens, 512)
        self.assertEqual(answer.usage.completion_tokens_details.reasoning_tokens, 7)
        self.bill()

    def test_stream_without_usage_has_no_usage(self) -> None:
        model = self.world.model()
        stream = self.client.chat.completions.create(
            model=model, messages=HELLO, user=self.call, stream=True
        )
        chunks = list(stream)
        self.assertTrue(all(chunk.choices for chunk in chunks))
        self.assertTrue(all(chunk.usage is None for chunk in chunks))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        self.assertIn("Hello, who are you?", text)
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")
        self.bill()

    def test_stream_with_usage_ends_with_it(self) -> None:
        model = self.world.model()
        stream = self.client.chat.completions.create(
            model=model,
            messages=HELLO,
            user=self.call,
            stream=True,
            stream_options={"include_usage": True},
        )
        last = list(stream)[-1]
        tokens = self.world.reported(self.call)
        self.assertEqual(last.choices, [])
        self.assertEqual(last.usage.prompt_tokens, tokens["prompt"])
        self.assertEqual(last.usage.completion_tokens, tokens["completion"])
        self.bill()

    def test_tools_pass_through_byte_for_byte(self) -> None:
        model = self.world.model(base_url=self.world.tools.base_url)
        sent: list[bytes] = []
        client = self.world.client(
            self.key,
            http_client=httpx.Client(
                event_hooks={"request": [lambda request: sent.append(request.read())]}
            ),
        )
        answer = client.chat.completions.create(
            model=model,
            messages=HELLO,
            tools=TOOLS,
            parallel_tool_calls=True,
            max_tokens=100,
            extra_body={"unknown_field": {"nested": [1, 2.50, "ü"]}},
        )
        calls = [call.model_dump(exclude_none=True) for call in answer.choices[0].message.tool_calls]
        self.assertEqual(calls, TOOL_CALLS)
        self.assertEqual(self.world.tools.bodies[-1], sent[-1])

    def test_tools_in_a_stream(self) -> None:
        model = self.world.model(base_url=self.world.tools.base_url)
        stream = self.client.chat.completions.create(
            model=model, messages=HELLO, tools=TOOLS, stream=True
        )
        found = [
            call.function.arguments
            for chunk in stream
            for choice in chunk.choices
            for call in choice.delta.tool_calls or []
        ]
        self.assertEqual(found, [call["function"]["arguments"] for call in TOOL_CALLS])
        asked = json.loads(self.world.tools.bodies[-1])
        self.assertEqual(asked["stream_options"], {"include_usage": True})
        (bill,) = self.world.calls(self.key, 1)
        cost = USAGE["prompt_tokens"] * 2_000 + USAGE["completion_tokens"] * 8_000
        self.assertEqual(nanos(bill["cost"]), cost)

    def test_models_are_those_the_key_may_call(self) -> None:
        mine, other = self.world.model(), self.world.model()
        client = self.world.client(self.world.key(allowed_models=[mine]))
        self.assertEqual([model.id for model in client.models.list()], [mine])
        self.assertEqual(client.models.retrieve(mine).id, mine)
        everything = {model.id for model in self.client.models.list()}
        self.assertLessEqual({mine, other}, everything)
