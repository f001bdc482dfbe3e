"""Schemathesis sends what `/openapi.json` allows and what it does not, and compares every answer
with it: no server error, no status, header, content type or body that is not described.

Three callers: an owner's management key, an API key, and somebody without any credential.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import world

CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
MANAGEMENT = "^/(api/v1|v1/api-keys)"
# What would take away the key that asks, or its owner.
ENDS_ITSELF = "management-keys/|/freeze|users/\\{id\\}$|/audit/findings/"
# Only a person who is logged in may do these; the third caller tries them.
PEOPLE = "/setup|/sessions|/me(/|$)|/links"
SEED = 20_261_122


class Schema(unittest.TestCase):
    def test_a_management_key_meets_only_what_is_described(self) -> None:
        w = world.the_world()
        model = w.model()
        key = w.key()
        user = w.user()
        channels = w.manage("GET", "/api/v1/channels")["data"]
        ids = {
            "^/v1/api-keys/\\{id\\}": {"id": key.id},
            "^/api/v1/users/\\{id\\}": {"id": user},
            "^/api/v1/channels/\\{id\\}": {"id": channels[0]["id"]},
            "^/api/v1/prices/\\{name\\}": {"name": model},
            "^/api/v1/groups/\\{name\\}": {"name": "default"},
        }
        cases, succeeded = self.run_against(
            MANAGEMENT, f"{ENDS_ITSELF}|{PEOPLE}", w.management_key, ids
        )
        self.assertGreater(cases, 1_000)
        self.assertGreater(succeeded, 100)

    def test_an_api_key_meets_only_what_is_described(self) -> None:
        w = world.the_world()
        model = w.model()
        ids = {"\\{model\\}": {"model": model}}
        key = w.key().secret
        cases, succeeded = self.run_against("^/(v1|v1beta|dashboard)/", "^/v1/api-keys", key, ids)
        self.assertGreater(cases, 300)
        self.assertGreater(succeeded, 20)

    def test_nobody_meets_only_what_is_described(self) -> None:
        cases, _ = self.run_against(".", "^/docs", None, {})
        self.assertGreater(cases, 1_000)

    def run_against(
        self, include: str, exclude: str, secret: str | None, ids: dict
    ) -> tuple[int, int]:
        """How many cases there were, and how many of them were answered with success."""
        w = world.the_world()
        with tempfile.TemporaryDirectory(prefix="tollkeeper-schema-") as name:
            place = Path(name)
            settings = place / "schemathesis.toml"
            settings.write_text("".join(map(operation, ids.items())))
            report = place / "cases.har"
            command = [str(Path(sys.executable).parent / "schemathesis")]
            command += ["--config-file", str(settings), "run", f"{w.base_url}/openapi.json"]
            command += ["--checks", CHECKS, "--phases", "coverage,fuzzing,stateful"]
            command += ["--max-examples", "8", "--seed", str(SEED), "--no-color", "--no-shrink"]
            command += ["--generation-database", "none", "--continue-on-failure"]
            command += ["--include-path-regex", include, "--exclude-path-regex", exclude]
            command += ["--report", "har", "--report-har-path", str(report)]
            if secret:
                command += ["--header", f"Authorization: Bearer {secret}"]
            ended = subprocess.run(
                command, capture_output=True, cwd=place, env=w.environment, text=True, timeout=900
            )
            self.assertEqual(ended.returncode, 0, ended.stdout[-20_000:] + ended.stderr[-2_000:])
            entries = json.loads(report.read_text())["log"]["entries"]
            return len(entries), sum(entry["response"]["status"] < 300 for entry in entries)


def operation(pair: tuple[str, dict]) -> str:
    """Values for the parameters of some paths, as schemathesis's settings have them."""
    path, parameters = pair
    values = ", ".join(f"{name} = {json.dumps(value)}" for name, value in parameters.items())
    return f"[[operations]]\ninclude-path-regex = {json.dumps(path)}\nparameters = {{ {values} }}\n\n"
