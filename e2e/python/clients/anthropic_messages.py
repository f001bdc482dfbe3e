"""anthropic for Python, Messages."""

import anthropic
import httpx2

from .sdk import (
    MAX_TOKENS,
    THINKING_BUDGET,
    TIMEOUT,
    TOOL,
    TOOL_DESCRIPTION,
    TOOL_SCHEMA,
    Answer,
    Refused,
    Sdk,
    weather,
)

TOOLS = [{"name": TOOL, "description": TOOL_DESCRIPTION, "input_schema": TOOL_SCHEMA}]


class AnthropicMessages(Sdk):
    dialect = "messages"
    errors = {
        400: "BadRequestError",
        401: "AuthenticationError",
        402: "PaymentRequiredError",
        404: "NotFoundError",
        429: "RateLimitError",
        502: "InternalServerError",
    }

    def __init__(self, base_url: str, secret: str):
        settings = {"api_key": secret, "base_url": base_url, "max_retries": 0, "timeout": TIMEOUT}
        self.client = anthropic.Anthropic(**settings)

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        answer, _ = self._turn(model, [{"role": "user", "content": text}], stream)
        return answer

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        messages: list = [{"role": "user", "content": text}]
        first, content = self._turn(model, messages, stream, tools=TOOLS)
        messages.append({"role": "assistant", "content": content})
        results = [
            {"type": "tool_result", "tool_use_id": id, "content": weather(city)}
            for id, city in _cities(content)
        ]
        messages.append({"role": "user", "content": results})
        last, _ = self._turn(model, messages, stream, tools=TOOLS)
        last.tool_calls = first.tool_calls
        return last

    def models(self) -> list[str]:
        return [model.id for model in self.client.models.list()]

    def count(self, model: str, text: str) -> int:
        """The tokens of a question, without asking it."""
        messages = [{"role": "user", "content": text}]
        return self.client.messages.count_tokens(model=model, messages=messages).input_tokens

    def _turn(self, model: str, messages: list, stream: bool, **more) -> tuple[Answer, list]:
        """An answer, and the content that the next turn repeats."""
        call = {
            "model": model,
            "messages": messages,
            "system": "Be brief.",
            "max_tokens": MAX_TOKENS,
            "thinking": {"type": "enabled", "budget_tokens": THINKING_BUDGET},
            **more,
        }
        try:
            if not stream:
                message = self.client.messages.create(**call)
                return _answer(message, pieces=1), message.content
            with self.client.messages.stream(**call) as events:
                pieces = sum(bool(text) for text in events.text_stream)
                message = events.get_final_message()
            return _answer(message, pieces), message.content
        except (anthropic.AnthropicError, httpx2.HTTPError) as error:
            raise _refused(error) from error


def _cities(content: list) -> list[tuple[str, str]]:
    return [(block.id, block.input["city"]) for block in content if block.type == "tool_use"]


def _answer(message, pieces: int) -> Answer:
    usage = message.usage
    if message.stop_reason is None:
        raise anthropic.AnthropicError("the answer has no end")
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Answer(
        text="".join(block.text for block in message.content if block.type == "text"),
        input_tokens=usage.input_tokens + cached,
        output_tokens=usage.output_tokens,
        thoughts="".join(
            block.thinking for block in message.content if block.type == "thinking"
        ),
        pieces=pieces,
        tool_calls=[
            (block.name, block.input) for block in message.content if block.type == "tool_use"
        ],
    )


def _refused(error: Exception) -> Refused:
    response, body = getattr(error, "response", None), getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    inner = inner if isinstance(inner, dict) else {}
    message = inner.get("message") or str(error)
    status = getattr(error, "status_code", None)
    head = {} if response is None else dict(response.headers)
    return Refused(type(error).__name__, status, inner.get("code"), message, head)
