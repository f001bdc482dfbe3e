"""A second upstream of a few lines, which keeps the very bytes that it received and answers with
calls of tools."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOOL_CALLS = [
    {
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city":"Zürich"}'},
    },
    {
        "id": "call_2",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city":"北京"}'},
    },
]
USAGE = {"prompt_tokens": 31, "completion_tokens": 17, "total_tokens": 48}


class Upstream:
    """Listens on a free port of the loopback until `end`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        handler = type("Handler", (_Handler,), {"bodies": self.bodies})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(body)
        asked = json.loads(body)
        answer = _stream() if asked.get("stream") else _answer()
        self.send_response(200)
        kind = "text/event-stream" if asked.get("stream") else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


def _answer() -> bytes:
    message = {"role": "assistant", "content": None, "tool_calls": TOOL_CALLS}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "tools"}
    return json.dumps({**head, "choices": [choice], "usage": USAGE}).encode()


def _stream() -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "tools"}

    def event(choices: list, usage: dict | None = None) -> str:
        return f"data: {json.dumps({**head, 'choices': choices, 'usage': usage})}\n\n"

    events = []
    for index, call in enumerate(TOOL_CALLS):
        delta = {"role": "assistant", "tool_calls": [{**call, "index": index}]}
        events.append(event([{"index": 0, "delta": delta, "finish_reason": None}]))
    events.append(event([{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]))
    events.append(event([], USAGE))
    return ("".join(events) + "data: [DONE]\n\n").encode()
