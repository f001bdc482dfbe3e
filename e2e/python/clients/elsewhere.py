"""Listens where a program would go that wants to reach anything but the gateway.

It poses as the proxy for everything that is not this machine, so that whatever an agent asks of the
world (an update, telemetry, its maker's API) is heard, answered with an error at once, and kept.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Elsewhere:
    def __init__(self) -> None:
        self.asked_for: list[str] = []
        handler = type("Handler", (_Handler,), {"asked_for": self.asked_for})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """The variables that send a program here."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        local = "127.0.0.1,localhost"
        return {**dict.fromkeys(names, proxy), "NO_PROXY": local, "no_proxy": local}

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    asked_for: list[str]

    def _refuse(self) -> None:
        self.asked_for.append(f"{self.command} {self.path}")
        self.send_error(502)

    do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = _refuse  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass
