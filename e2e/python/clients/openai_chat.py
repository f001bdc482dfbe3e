"""openai for Python, Chat Completions."""

import json

import httpx
import openai

from .openai_errors import ERRORS, refused
from .sdk import MAX_TOKENS, TIMEOUT, TOOL, TOOL_DESCRIPTION, TOOL_SCHEMA, Answer, Sdk, weather

FUNCTION = {"name": TOOL, "description": TOOL_DESCRIPTION, "parameters": TOOL_SCHEMA}


class OpenAiChat(Sdk):
    dialect = "chat"
    errors = ERRORS

    def __init__(self, base_url: str, secret: str):
        url = f"{base_url}/v1"
        self.client = openai.OpenAI(api_key=secret, base_url=url, max_retries=0, timeout=TIMEOUT)

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        answer, _ = self._turn(model, [{"role": "user", "content": text}], stream)
        return answer

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        messages = [{"role": "user", "content": text}]
        tools = [{"type": "function", "function": FUNCTION}]
        first, said = self._turn(model, messages, stream, tools=tools)
        messages.append(said)
        for call in said.get("tool_calls", []):
            city = json.loads(call["function"]["arguments"])["city"]
            result = {"role": "tool", "tool_call_id": call["id"], "content": weather(city)}
            messages.append(result)
        last, _ = self._turn(model, messages, stream, tools=tools)
        last.tool_calls = first.tool_calls
        return last

    def models(self) -> list[str]:
        return [model.id for model in self.client.models.list()]

    def _turn(self, model: str, messages: list, stream: bool, **more) -> tuple[Answer, dict]:
        """An answer, and the message that the next turn repeats."""
        call = {"model": model, "messages": messages, "max_completion_tokens": MAX_TOKENS, **more}
        try:
            return self._streamed(call) if stream else self._whole(call)
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise refused(error) from error

    def _whole(self, call: dict) -> tuple[Answer, dict]:
        answer = self.client.chat.completions.create(**call)
        message = answer.choices[0].message.model_dump(exclude_none=True)
        return _answer(message, answer.usage, pieces=1), message

    def _streamed(self, call: dict) -> tuple[Answer, dict]:
        message, usage, pieces = {"role": "assistant", "content": ""}, None, 0
        calls: dict[int, dict] = {}
        options = {"stream": True, "stream_options": {"include_usage": True}}
        for chunk in self.client.chat.completions.create(**call, **options):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                delta = choice.delta.model_dump(exclude_none=True)
                pieces += bool(delta.get("content"))
                message["content"] += delta.get("content", "")
                for part in delta.get("tool_calls", []):
                    _merge(calls, part)
        if calls:
            message["tool_calls"] = list(calls.values())
        return _answer(message, usage, pieces), message


def _merge(calls: dict[int, dict], part: dict) -> None:
    index = part.pop("index")
    if index not in calls:
        calls[index] = part
        calls[index]["function"].setdefault("arguments", "")
    else:
        calls[index]["function"]["arguments"] += part["function"].get("arguments", "")


def _answer(message: dict, usage, pieces: int) -> Answer:
    calls = [call["function"] for call in message.get("tool_calls", [])]
    return Answer(
        text=message.get("content") or "",
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        pieces=pieces,
        tool_calls=[(call["name"], json.loads(call["arguments"])) for call in calls],
    )
