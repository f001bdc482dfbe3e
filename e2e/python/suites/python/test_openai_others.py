"""What else openai for Python is used for: completions of the old kind, and embeddings."""

import unittest

from clients.openai_chat import OpenAiChat
from world import the_world
from world.stage import Stage


class Others(unittest.TestCase):
    def setUp(self) -> None:
        self.stage = Stage(the_world(), "chat", "gpt-5.4")
        self.client = OpenAiChat(the_world().base_url, self.stage.key.secret).client

    def test_completions(self) -> None:
        prompt = "Once upon a time"
        answer = self.client.completions.create(model="gpt-5.4", prompt=prompt, max_tokens=100)
        self.assertTrue(answer.choices[0].text)
        (tokens,) = self.stage.booked()
        self.assertEqual(answer.usage.completion_tokens, tokens["output"])
        self.assertEqual(self.stage.differences(), [])

    def test_completions_in_a_stream(self) -> None:
        stream = self.client.completions.create(
            model="gpt-5.4", prompt="Once upon a time", max_tokens=100, stream=True
        )
        self.assertTrue("".join(choice.text for chunk in stream for choice in chunk.choices))
        self.assertEqual(self.stage.differences(), [])

    def test_embeddings(self) -> None:
        texts = ["Zürich", "北京"]
        answer = self.client.embeddings.create(model="gpt-5.4", input=texts)
        self.assertEqual([found.index for found in answer.data], [0, 1])
        self.assertTrue(all(answer.data[0].embedding))
        (tokens,) = self.stage.booked()
        self.assertEqual(answer.usage.prompt_tokens, tokens["input"])
        self.assertEqual(self.stage.differences(), [])
