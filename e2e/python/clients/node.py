"""The SDKs for Node.js, run by `e2e/node/driver.mjs`: orders and answers are lines of JSON."""

import atexit
import json
import os
import subprocess
from pathlib import Path

from .sdk import Answer, Refused, Sdk


class NodeSdk(Sdk):
    """One SDK; all share one process."""

    # Its file in `e2e/node`.
    name: str

    def __init__(self, base_url: str, secret: str):
        self._place = {"sdk": self.name, "base_url": base_url, "secret": secret}

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        return self._order("ask", model, text, stream)

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        return self._order("use_tools", model, text, stream)

    def models(self) -> list[str]:
        return self._carry_out({"task": "models"})

    def count(self, model: str, text: str) -> int:
        """The tokens of a question, without asking it; OpenAI's SDK cannot."""
        return self._carry_out({"task": "count", "model": model, "text": text})

    def _order(self, task: str, model: str, text: str, stream: bool) -> Answer:
        order = {"task": task, "model": model, "text": text, "stream": stream}
        answer = Answer(**self._carry_out(order))
        answer.tool_calls = [(name, arguments) for name, arguments in answer.tool_calls]
        return answer

    def _carry_out(self, order: dict) -> object:
        result = _driver().carry_out({**self._place, **order})
        if "refused" in result:
            error = result["refused"]
            head = {"retry-after": error.get("retry_after")}
            raise Refused(
                error["kind"], error.get("status"), error.get("code"), error["message"], head
            )
        return result["answer"]


class NodeOpenAiChat(NodeSdk):
    name = "openai_chat"
    dialect = "chat"
    errors = {
        400: "BadRequestError",
        401: "AuthenticationError",
        402: "APIError",
        404: "NotFoundError",
        429: "RateLimitError",
        502: "InternalServerError",
    }


class NodeOpenAiResponses(NodeOpenAiChat):
    name = "openai_responses"
    dialect = "responses"


class NodeAnthropicMessages(NodeSdk):
    name = "anthropic_messages"
    dialect = "messages"
    errors = {**NodeOpenAiChat.errors, 402: "PaymentRequiredError"}


class NodeGoogleGenAi(NodeSdk):
    name = "google_genai"
    dialect = "gemini"
    errors = {status: "ApiError" for status in (400, 401, 402, 404, 429, 502)}
    # Its errors do not show the answer's head.
    shows_retry_after = False


class _Driver:
    def __init__(self) -> None:
        place = Path(os.environ["NODE_SDKS"])
        brought = sorted(place.glob("node_modules/node-linux-*/bin/node"))
        node = str(brought[0]) if brought else "node"
        self._child = subprocess.Popen(
            [node, str(place / "driver.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._child.kill)

    def carry_out(self, order: dict) -> dict:
        """The SDKs' own time-outs keep this from waiting for ever."""
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the driver ended with {self._child.wait()}")
        return json.loads(line)


_started: _Driver | None = None


def _driver() -> _Driver:
    global _started
    if _started is None:
        _started = _Driver()
    return _started
