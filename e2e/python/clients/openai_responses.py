"""openai for Python, Responses."""

import json

import httpx
import openai

from .openai_errors import ERRORS, refused
from .sdk import MAX_TOKENS, TIMEOUT, TOOL, TOOL_DESCRIPTION, TOOL_SCHEMA, Answer, Sdk, weather

FUNCTION = {
    "type": "function",
    "name": TOOL,
    "description": TOOL_DESCRIPTION,
    "parameters": {**TOOL_SCHEMA, "additionalProperties": False},
    "strict": True,
}


class OpenAiResponses(Sdk):
    dialect = "responses"
    errors = ERRORS

    def __init__(self, base_url: str, secret: str):
        url = f"{base_url}/v1"
        self.client = openai.OpenAI(api_key=secret, base_url=url, max_retries=0, timeout=TIMEOUT)

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        answer, _ = self._turn(model, [{"role": "user", "content": text}], stream)
        return answer

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        items: list = [{"role": "user", "content": text}]
        first, output = self._turn(model, items, stream, tools=[FUNCTION])
        items += [item.model_dump(exclude_none=True) for item in output]
        for item in output:
            if item.type == "function_call":
                said = weather(json.loads(item.arguments)["city"])
                result = {"type": "function_call_output", "call_id": item.call_id, "output": said}
                items.append(result)
        last, _ = self._turn(model, items, stream, tools=[FUNCTION])
        last.tool_calls = first.tool_calls
        return last

    def models(self) -> list[str]:
        return [model.id for model in self.client.models.list()]

    def _turn(self, model: str, items: list, stream: bool, **more) -> tuple[Answer, list]:
        """An answer, and the items that the next turn repeats."""
        call = {
            "model": model,
            "input": items,
            "max_output_tokens": MAX_TOKENS,
            "reasoning": {"effort": "low", "summary": "auto"},
            "store": False,
            "include": ["reasoning.encrypted_content"],
            **more,
        }
        try:
            return self._streamed(call) if stream else self._whole(call)
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise refused(error) from error

    def _whole(self, call: dict) -> tuple[Answer, list]:
        response = self.client.responses.create(**call)
        return _answer(response, pieces=1), response.output

    def _streamed(self, call: dict) -> tuple[Answer, list]:
        deltas, last = [], None
        for event in self.client.responses.create(**call, stream=True):
            if event.type == "response.output_text.delta":
                deltas.append(event.delta)
            last = event
        if last is None or last.type != "response.completed":
            # The SDK does not look; programs that use it have to.
            raise openai.OpenAIError(f"the stream ended with {getattr(last, 'type', 'nothing')}")
        answer = _answer(last.response, pieces=len(deltas))
        if "".join(deltas) != answer.text:
            raise AssertionError(f"the pieces {deltas} are not the whole {answer.text!r}")
        return answer, last.response.output


def _answer(response, pieces: int) -> Answer:
    calls = [item for item in response.output if item.type == "function_call"]
    thoughts = [item.summary for item in response.output if item.type == "reasoning"]
    return Answer(
        text=response.output_text,
        input_tokens=response.usage.input_tokens,
        output_tokens=response.usage.output_tokens,
        thoughts="".join(part.text for summary in thoughts for part in summary),
        pieces=pieces,
        tool_calls=[(call.name, json.loads(call.arguments)) for call in calls],
    )
