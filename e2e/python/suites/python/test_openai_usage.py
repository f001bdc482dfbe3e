"""What a key's holder reads is exact as soon as the answer is there."""

import unittest

from world.books import nanos
from world.world import price_of, the_world

from .test_openai_chat import HELLO


class Books(unittest.TestCase):
    def test_usage_is_exact_at_once(self) -> None:
        world = the_world()
        model, key = world.model(), world.key()
        client = world.client(key)
        expected = 0
        for number in range(5):
            call = world.name("call")
            answer = client.chat.completions.create(
                model=model, messages=HELLO, user=call, stream=number % 2 == 1
            )
            if number % 2 == 1:
                list(answer)
            expected += price_of(world.reported(call))
            head = {"Authorization": f"Bearer {key.secret}"}
            usage = world.http.get("/v1/usage", headers=head).json()
            self.assertEqual(nanos(usage["total_usage"]), expected)
            self.assertEqual(usage["requests"]["today"], number + 1)
