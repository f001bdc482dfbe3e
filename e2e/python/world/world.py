"""The small world of all tests: a simulated provider with books of its own, the real gateway in
front of it, and the management calls that set it up, a line each.

Money is compared in whole nano-USD: 1 USD per million tokens is 1,000 nano-USD per token.
"""

import itertools
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import openai

from .process import Process
from .upstream import Upstream

SECRET = "upstream-secret"
# What `World.model` costs, in nano-USD per token.
INPUT, CACHED, OUTPUT = 2_000, 500, 8_000
PATIENCE = 20


class Key:
    def __init__(self, made: dict):
        self.id: str = made["id"]
        self.secret: str = made["key"]


class World:
    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="tollkeeper-e2e-")
        self._names = itertools.count(1)
        place = Path(self._directory.name)
        self.data = place / "data"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TOLLKEEPER_") and name != "DATABASE_URL"
        }
        self.binary = program("TOLLKEEPER_BIN")
        books = place / "provider.jsonl"
        provider = [program("SIMULATED_PROVIDER_BIN"), "--books", str(books), "--secret", SECRET]
        self.provider = Process("provider", provider, place / "provider.log", self.environment)
        self.provider_url: str = json.loads(self.provider.first_line)["base_url"]
        self.tools = Upstream()
        self._books = books
        init = self.command("init", "--json")
        self.management_key: str = json.loads(init.stdout)["management_key"]
        self.setup_link: str = json.loads(init.stdout)["setup_url"]
        serve = [self.binary, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0"]
        serve += ["--allow-egress", "127.0.0.0/8", "--reveal", "sealed"]
        self.gateway = Process("gateway", serve, place / "gateway.log", self.environment)
        self.base_url = self.gateway.first_line[self.gateway.first_line.index("http://") :]
        self.http = httpx.Client(base_url=self.base_url, timeout=PATIENCE)
        until(lambda: self.http.get("/readyz").status_code == 200, "the gateway is ready")

    def close(self) -> None:
        self.http.close()
        self.gateway.end()
        self.provider.end()
        self.tools.end()
        self._directory.cleanup()

    def command(self, verb: str, *arguments: str) -> subprocess.CompletedProcess:
        """Runs a verb of the program on the world's data directory."""
        command = [self.binary, verb, "--data", str(self.data), *arguments]
        ended = subprocess.run(
            command, capture_output=True, env=self.environment, timeout=60, text=True
        )
        if ended.returncode != 0:
            raise AssertionError(f"{verb} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return ended

    def manage(self, method: str, path: str, body: object = None) -> dict:
        """A management call, which must succeed."""
        head = {"Authorization": f"Bearer {self.management_key}"}
        answer = self.http.request(method, path, json=body, headers=head)
        if not answer.is_success:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def name(self, what: str) -> str:
        return f"{what}-{next(self._names)}"

    def model(self, **channel: object) -> str:
        """A priced model behind a channel of its own."""
        model = self.name("model")
        price = {"input": "2", "cached_input": "0.5", "output": "8"}
        limits = {"context_window": 128_000, "max_output": 4_096}
        self.manage("PUT", f"/api/v1/prices/{model}", {**price, **limits})
        defaults = {
            "name": f"channel-of-{model}",
            "provider": "openai-compatible",
            "base_url": self.provider_url,
            "secret": SECRET,
            "models": [model],
            "groups": ["default"],
        }
        self.manage("POST", "/api/v1/channels", {**defaults, **channel})
        return model

    def user(self, balance: str = "100", **fields: object) -> str:
        body = {"name": self.name("user"), "role": "member", **fields}
        user = self.manage("POST", "/api/v1/users", body)
        self.manage("POST", f"/api/v1/users/{user['id']}/topups", {"amount": balance})
        return user["id"]

    def key(self, **fields: object) -> Key:
        """A key of a fresh user with a balance of 100 USD."""
        owner = fields.pop("owner", None) or self.user()
        body = {"name": self.name("key"), "owner": owner, **fields}
        return Key(self.manage("POST", "/v1/api-keys", body))

    def client(self, key: Key | str, **options: object) -> openai.OpenAI:
        """The SDK as a user sets it up; without retries unless asked for."""
        secret = key.secret if isinstance(key, Key) else key
        settings = {"max_retries": 0, "timeout": PATIENCE, **options}
        return openai.OpenAI(api_key=secret, base_url=f"{self.base_url}/v1", **settings)

    def script(self, call: str, **script: object) -> None:
        """What the provider does with the requests of this call (the field `user`)."""
        self.add_rule({"call": call}, script)

    def add_rule(self, match: dict, script: dict) -> None:
        """A rule for the provider; the newest that matches a request wins."""
        rule = {"match": match, "script": script}
        answer = httpx.post(f"{self.provider_url}/_control/script", json=rule)
        if not answer.is_success:
            raise AssertionError(f"the provider refuses the script {rule}: {answer.text}")

    def book_lines(self) -> list[dict]:
        """The provider's own books, line by line."""
        return [json.loads(line) for line in self._books.read_text().splitlines()]

    def booked(self, call: str) -> list[list[dict]]:
        """What the provider's own books say of a call: the lines of each request."""
        requests: dict[int, list[dict]] = {}
        for entry in self.book_lines():
            if entry["call"] == call:
                requests.setdefault(entry["request"], []).append(entry)
        return list(requests.values())

    def reported(self, call: str) -> dict:
        """The usage that the provider put on the wire for a call, once."""
        sent = [
            entry["tokens"]
            for request in self.booked(call)
            for entry in request
            if entry["state"] == "usage_sent"
        ]
        if len(sent) != 1:
            raise AssertionError(f"the provider reported {len(sent)} usages for {call}")
        return sent[0]

    def calls(self, key: Key, count: int) -> list[dict]:
        """The key's calls, newest first, once the database has so many."""
        path = f"/api/v1/calls?key_id={key.id}&limit=200"
        until(lambda: len(self.manage("GET", path)["data"]) >= count, f"{count} calls are booked")
        return self.manage("GET", path)["data"]

    def refused(self, code: str) -> int:
        """How many calls the gateway refused with this code so far."""
        line = f'tollkeeper_calls_refused_total{{code="{code}"}} '
        for found in self.http.get("/metrics").text.splitlines():
            if found.startswith(line):
                return int(float(found.removeprefix(line)))
        return 0


def price_of(tokens: dict) -> int:
    """What the provider's own count costs at the price of every model here, in nano-USD."""
    fresh = tokens["prompt"] - tokens["cached"]
    return fresh * INPUT + tokens["cached"] * CACHED + tokens["completion"] * OUTPUT


def until(condition, what: str, patience: float = PATIENCE) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.01)


def program(variable: str) -> str:
    path = os.environ.get(variable)
    if not path:
        raise RuntimeError(f"{variable} is not set; run `cargo xtask test`")
    return path


_world: World | None = None


def the_world() -> World:
    """The one world, started at first use."""
    global _world
    if _world is None:
        _world = World()
    return _world


def close() -> None:
    if _world is not None:
        _world.close()
