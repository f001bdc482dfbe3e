"""One stage for one test: a model on a channel of one dialect, and a key that may call it."""

from .books import MULTIPLIER, differences, price_list
from .world import SECRET, Key, World, until

# How a channel is set up whose upstream speaks only this dialect.
CHANNELS = {
    "chat": {"provider": "openai-compatible"},
    "responses": {"provider": "openai", "dialects": ["responses"]},
    "messages": {"provider": "anthropic"},
    "gemini": {"provider": "gemini"},
}
DIALECTS = tuple(CHANNELS)


class Stage:
    """The model has its own name upstream, by which the provider's books tell the stages apart.

    A group of its own lets many stages offer the model under the same name to their clients.
    """

    def __init__(self, world: World, dialect: str, model: str, **key_fields: object):
        self.world = world
        self.dialect = dialect
        self.model = model
        self.upstream_model = world.name("upstream-model")
        group = world.name("group")
        world.manage("PUT", f"/api/v1/groups/{group}", {"multiplier": str(float(MULTIPLIER))})
        limits = {"context_window": 200_000, "max_output": 64_000}
        world.manage("PUT", f"/api/v1/prices/{model}", {**price_list(), **limits})
        channel = {
            "name": f"channel-of-{group}",
            "base_url": world.provider_url,
            "secret": SECRET,
            "models": {model: self.upstream_model},
            "groups": [group],
        }
        world.manage("POST", "/api/v1/channels", {**channel, **CHANNELS[dialect]})
        owner = world.user(groups=[group])
        self.key: Key = world.key(owner=owner, groups=[group], **key_fields)

    def script(self, **script: object) -> None:
        """What the provider does with this stage's requests, each of which must be valid."""
        self.world.add_rule({"model": self.upstream_model}, {"strict": True, **script})

    def booked(self) -> list[dict]:
        """The usages that the provider put on the wire, by its classes."""
        return [line["usage"] for line in self._lines() if line["state"] == "usage_sent"]

    def served(self) -> int:
        """How many requests the provider read, refused ones apart."""
        return sum(line["state"] == "received" for line in self._lines())

    def calls(self, count: int = 0) -> list[dict]:
        """What the gateway shows of the calls, newest first, once there are so many."""
        path = f"/api/v1/calls?key_id={self.key.id}&limit=200"
        found: list[dict] = []

        def enough() -> bool:
            found[:] = self.world.manage("GET", path)["data"]
            return len(found) >= count

        until(enough, f"{count} calls are booked")
        return found

    def usage(self) -> dict:
        """What the key's holder reads in `/v1/usage`."""
        head = {"Authorization": f"Bearer {self.key.secret}"}
        return self.world.http.get("/v1/usage", headers=head).raise_for_status().json()

    def differences(self) -> list[str]:
        """Where the provider's books and the gateway's disagree; none once all is settled."""
        found: list[str] = []

        def agree() -> bool:
            found[:] = differences(self.booked(), self.calls(), self.usage())
            return not found

        try:
            until(agree, "the books agree", patience=5)
        except AssertionError:
            pass
        return found

    def _lines(self) -> list[dict]:
        return [line for line in self.world.book_lines() if line["model"] == self.upstream_model]
