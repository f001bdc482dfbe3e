"""`e2e/node/browser_walk.mjs`, for each kind of person in each language. Pictures are kept in
`target/e2e/browser`."""

import json
import os
import subprocess
import unittest
from pathlib import Path

import world
from world.world import SECRET

# So long a whole walk may take, in seconds.
PATIENCE = 600


class Walk(unittest.TestCase):
    maxDiff = None

    def test_1_owner_in_english(self) -> None:
        # The link of `init`, which works once.
        self.walk("owner", "en", the_world().setup_link, "wei@example.com", first=True)

    def test_2_owner_in_chinese(self) -> None:
        # Another owner, who forgot their password.
        made = the_world().manage("POST", "/api/v1/users", person("李薇", "li@example.com", "owner"))
        reset = the_world().manage("POST", f"/api/v1/users/{made['id']}/reset", {})
        self.walk("owner", "zh-CN", reset["reset_url"], "li@example.com")

    def test_3_member_in_english(self) -> None:
        self.walk("member", "en", invited("Ada", "ada@example.com"), "ada@example.com")

    def test_4_member_in_chinese(self) -> None:
        self.walk("member", "zh-CN", invited("王芳", "wang@example.com"), "wang@example.com")

    def walk(self, role: str, language: str, link: str, login: str, **more: object) -> None:
        one = the_world()
        sdks = Path(os.environ["NODE_SDKS"])
        order = {
            "base_url": one.base_url,
            "management_key": one.management_key,
            "model": one.model(),
            "provider": {"base_url": one.provider_url, "secret": SECRET},
            "pictures": str(sdks.parent / "browser" / f"{role}-{language}"),
            "role": role,
            "language": language,
            "link": "/console/" + link.split("/console/")[1],
            "login": login,
            **more,
        }
        command = ["node", "browser_walk.mjs"]
        ended = subprocess.run(
            command, input=json.dumps(order), capture_output=True, cwd=sdks, text=True, timeout=PATIENCE
        )
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(json.loads(ended.stdout)["problems"], [])


def the_world() -> world.World:
    return world.the_world()


def person(name: str, email: str, role: str) -> dict:
    return {"name": name, "email": email, "role": role}


def invited(name: str, email: str) -> str:
    """The link of somebody new, with a balance that a few calls use up."""
    made = the_world().manage("POST", "/api/v1/users", person(name, email, "member"))
    the_world().manage("POST", f"/api/v1/users/{made['id']}/topups", {"amount": "0.004"})
    return made["invite_url"]
