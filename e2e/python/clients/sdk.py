"""What all SDKs are asked to do, in no SDK's words: the one form in which suites compare them."""

from dataclasses import dataclass, field

# The tool that every SDK offers, and the instruction that makes a model think of it.
TOOL = "weather"
TOOL_DESCRIPTION = "The weather in a city – 天气"
TOOL_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where"}},
    "required": ["city"],
}
MAX_TOKENS = 2_000
# The least that Anthropic's API takes.
THINKING_BUDGET = 1_024
TIMEOUT = 20


def weather(city: str) -> str:
    """What the tool says."""
    return f"{city}: 21 degrees"


@dataclass
class Answer:
    """An answer, as the program that uses the SDK reads it."""

    text: str
    # All input and all output, whatever classes the dialect divides them into.
    input_tokens: int
    output_tokens: int
    # The model's thoughts, where the dialect shows them.
    thoughts: str = ""
    # In how many pieces the text of a stream came.
    pieces: int = 1
    # The calls of tools, as (name, arguments).
    tool_calls: list[tuple[str, dict]] = field(default_factory=list)


class Refused(Exception):
    """An error as the SDK raised it."""

    def __init__(self, kind: str, status: int | None, code: str | None, message: str, head: dict):
        super().__init__(f"{kind} {status} {code}: {message}")
        self.kind, self.status, self.code, self.message = kind, status, code, message
        self.retry_after: str | None = head.get("retry-after")


class Sdk:
    """One SDK, set up for a gateway and a key as its documentation says."""

    # What it speaks; the classes that it raises by status; whether these have the answer's head.
    dialect: str
    errors: dict[int, str]
    shows_retry_after = True

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        """One question and its answer."""
        raise NotImplementedError

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        """A question with tools offered; what the model calls is run, and the answer to the
        results is returned, with the calls that came before it."""
        raise NotImplementedError

    def models(self) -> list[str]:
        """The ids of the models that the key may call."""
        raise NotImplementedError
