"""Each refusal reaches the SDK as the class and the code that its status stands for."""

import unittest
import zlib

import openai

from world import the_world

from .test_openai_chat import HELLO

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def well_formed(random: str) -> str:
    """A key with a right checksum that nobody was given."""
    rest, check = zlib.crc32(random.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = DIGITS[digit] + check
    return f"sk-{random}{check}"


class Refusals(unittest.TestCase):
    def setUp(self) -> None:
        self.world = the_world()

    def refusal(self, key, kind: type, status: int, code: str, **call) -> openai.APIStatusError:
        """Makes a call that must be refused so, and asserts that the SDK does not repeat it."""
        before = self.world.refused(code)
        call = {"model": "no-such-model", "messages": HELLO, **call}
        with self.assertRaises(kind) as raised:
            self.world.client(key, max_retries=2).chat.completions.create(**call)
        error = raised.exception
        self.assertEqual((error.status_code, error.code), (status, code))
        self.assertEqual(error.response.headers.get("x-should-retry"), "false")
        self.assertTrue(error.response.headers["x-request-id"])
        self.assertGreater(len(error.body["message"]), 20)
        self.assertEqual(self.world.refused(code), before + 1)
        return error

    def test_401(self) -> None:
        kind = openai.AuthenticationError
        self.refusal("sk-cut-off", kind, 401, "malformed_key")
        self.refusal(well_formed("x" * 42), kind, 401, "invalid_key")
        key = self.world.key()
        self.world.manage("POST", f"/v1/api-keys/{key.id}/disable")
        self.refusal(key, kind, 401, "key_disabled")
        self.world.manage("POST", f"/v1/api-keys/{key.id}/revoke")
        self.refusal(key, kind, 401, "key_revoked")

    def test_402(self) -> None:
        model = self.world.model()
        short = {"quota": "0.00001", "when_short": "refuse"}
        self.refusal(
            self.world.key(**short), openai.APIStatusError, 402, "key_quota_exhausted", model=model
        )
        poor = self.world.user("0.00001")
        self.refusal(
            self.world.key(owner=poor, when_short="refuse"),
            openai.APIStatusError,
            402,
            "balance_exhausted",
            model=model,
        )

    def test_403(self) -> None:
        model = self.world.model()
        kind = openai.PermissionDeniedError
        key = self.world.key(allowed_models=["another-model"])
        self.refusal(key, kind, 403, "model_not_allowed", model=model)
        key = self.world.key(permissions="read_only")
        self.refusal(key, kind, 403, "permission_denied", model=model)
        key = self.world.key(ip_allowlist=["192.0.2.0/24"])
        self.refusal(key, kind, 403, "ip_not_allowed", model=model)

    def test_404(self) -> None:
        key = self.world.key()
        self.refusal(key, openai.NotFoundError, 404, "model_not_found")
        with self.assertRaises(openai.NotFoundError):
            self.world.client(key).models.retrieve("no-such-model")
        with self.assertRaises(openai.NotFoundError):
            self.world.client(key).files.list()

    def test_400(self) -> None:
        model = self.world.model()
        call = {"model": model, "extra_body": {"max_tokens": "many"}}
        self.refusal(self.world.key(), openai.BadRequestError, 400, "invalid_request", **call)

    def test_400_of_the_upstream_keeps_its_message(self) -> None:
        model, call = self.world.model(), self.world.name("call")
        body = {"error": {"message": "Too many images.", "type": "invalid_request_error"}}
        self.world.script(call, error={"status": 400, "body": body})
        with self.assertRaises(openai.BadRequestError) as raised:
            self.world.client(self.world.key(), max_retries=2).chat.completions.create(
                model=model, messages=HELLO, user=call
            )
        self.assertIn("Too many images.", raised.exception.message)
        self.assertEqual(len(self.world.booked(call)), 1)

    def test_409_is_not_repeated_although_the_sdk_repeats_409(self) -> None:
        model, key = self.world.model(), self.world.key()
        call = {"model": model, "messages": HELLO, "extra_headers": {"Idempotency-Key": "one"}}
        self.world.client(key).chat.completions.create(**call)
        self.refusal(key, openai.ConflictError, 409, "idempotency_conflict", **call)

    def test_codex_gets_400_for_what_is_final(self) -> None:
        key = self.world.key(allowed_models=["another-model"])
        client = self.world.client(key, default_headers={"originator": "codex_cli_rs"})
        with self.assertRaises(openai.BadRequestError) as raised:
            client.chat.completions.create(model=self.world.model(), messages=HELLO)
        self.assertEqual(raised.exception.code, "model_not_allowed")
