"""google-genai for Python, generateContent."""

import httpx2
from google import genai
from google.genai import errors, types

from .sdk import (
    MAX_TOKENS,
    TIMEOUT,
    TOOL,
    TOOL_DESCRIPTION,
    TOOL_SCHEMA,
    Answer,
    Refused,
    Sdk,
    weather,
)

DECLARATION = {
    "name": TOOL,
    "description": TOOL_DESCRIPTION,
    "parameters_json_schema": TOOL_SCHEMA,
}


class GoogleGenAi(Sdk):
    dialect = "gemini"
    errors = {status: "ClientError" for status in (400, 401, 402, 404, 429)} | {502: "ServerError"}

    def __init__(self, base_url: str, secret: str):
        options = types.HttpOptions(base_url=base_url, timeout=TIMEOUT * 1_000)
        self.client = genai.Client(api_key=secret, http_options=options, vertexai=False)

    def ask(self, model: str, text: str, stream: bool) -> Answer:
        answer, _ = self._turn(model, [_user([types.Part(text=text)])], stream)
        return answer

    def use_tools(self, model: str, text: str, stream: bool) -> Answer:
        contents = [_user([types.Part(text=text)])]
        tools = [types.Tool(function_declarations=[DECLARATION])]
        first, parts = self._turn(model, contents, stream, tools=tools)
        contents.append(types.Content(role="model", parts=parts))
        calls = [part.function_call for part in parts if part.function_call]
        contents.append(_user([_result(call) for call in calls]))
        last, _ = self._turn(model, contents, stream, tools=tools)
        last.tool_calls = first.tool_calls
        return last

    def models(self) -> list[str]:
        return [model.name.removeprefix("models/") for model in self.client.models.list()]

    def count(self, model: str, text: str) -> int:
        """The tokens of a question, without asking it."""
        return self.client.models.count_tokens(model=model, contents=text).total_tokens

    def _turn(self, model: str, contents: list, stream: bool, **more) -> tuple[Answer, list]:
        """An answer, and the parts that the next turn repeats."""
        config = types.GenerateContentConfig(
            system_instruction="Be brief.",
            max_output_tokens=MAX_TOKENS,
            thinking_config=types.ThinkingConfig(include_thoughts=True),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            **more,
        )
        call = {"model": model, "contents": contents, "config": config}
        try:
            if stream:
                return _answer(list(self.client.models.generate_content_stream(**call)))
            return _answer([self.client.models.generate_content(**call)])
        except (errors.APIError, httpx2.HTTPError) as error:
            raise _refused(error) from error


def _user(parts: list) -> types.Content:
    return types.Content(role="user", parts=parts)


def _result(call: types.FunctionCall) -> types.Part:
    said = {"result": weather(call.args["city"])}
    answer = types.FunctionResponse(id=call.id, name=call.name, response=said)
    return types.Part(function_response=answer)


def _answer(chunks: list) -> tuple[Answer, list]:
    candidates = [chunk.candidates[0] for chunk in chunks if chunk.candidates]
    if not candidates or candidates[-1].finish_reason is None:
        raise errors.APIError(0, {"error": {"message": "the answer has no end"}})
    parts = [part for candidate in candidates for part in _parts(candidate)]
    usage = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata][-1]
    texts = [part.text for part in parts if part.text and not part.thought]
    calls = [part.function_call for part in parts if part.function_call]
    output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    answer = Answer(
        text="".join(texts),
        input_tokens=usage.prompt_token_count,
        output_tokens=output,
        thoughts="".join(part.text for part in parts if part.thought and part.text),
        pieces=len(texts),
        tool_calls=[(call.name, call.args) for call in calls],
    )
    return answer, parts


def _parts(candidate: types.Candidate) -> list[types.Part]:
    return (candidate.content and candidate.content.parts) or []


def _refused(error: Exception) -> Refused:
    if not isinstance(error, errors.APIError):
        return Refused(type(error).__name__, None, None, str(error), {})
    body = error.details if isinstance(error.details, dict) else {}
    inner = body.get("error", body)
    reasons = [detail.get("reason") for detail in inner.get("details", [])]
    code = next((reason.lower() for reason in reasons if reason), None)
    head = dict(getattr(error.response, "headers", None) or {})
    status = error.code or None
    return Refused(type(error).__name__, status, code, error.message or str(error), head)
