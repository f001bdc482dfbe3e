"""The Python snippets of a relay's manual for its tokens, run as they are printed but for the base
URL, the credential, the date and the id that they name."""

import contextlib
import io
import unittest

from world.world import World, the_world

CREATE = '''
import requests

# Create new Token
response = requests.post(
    "https://api.laozhang.ai/v1/api-keys",
    headers={
        "Authorization": "Bearer your_admin_token",
        "Content-Type": "application/json"
    },
    json={
        "name": "New Production Token",
        "billing_method": "usage_based",
        "permissions": ["chat", "completion"],
        "expires_at": "2025-12-31T23:59:59Z"
    }
)

new_token = response.json()
print(f"New Token: {new_token['key']}")
'''

LIST = '''
# Get all Tokens
response = requests.get(
    "https://api.laozhang.ai/v1/api-keys",
    headers={"Authorization": "Bearer your_admin_token"}
)

tokens = response.json()
for token in tokens['data']:
    print(f"Name: {token['name']}, Status: {token['status']}")
'''

REVOKE = '''
# Revoke specified Token
token_id = "key_123456"
response = requests.delete(
    f"https://api.laozhang.ai/v1/api-keys/{token_id}",
    headers={"Authorization": "Bearer your_admin_token"}
)

if response.status_code == 200:
    print("Token successfully revoked")
'''

USAGE = '''
import requests

# Query Token usage
response = requests.get(
    "https://api.laozhang.ai/v1/usage",
    headers={"Authorization": "Bearer your_api_key"}
)

usage = response.json()
print(f"Today's usage: {usage['today_usage']}")
print(f"This month's usage: {usage['month_usage']}")

# Set alert threshold
if usage['today_usage'] > DAILY_LIMIT:
    send_alert("Usage abnormal!")
'''

TEST = '''
# Test Token validity
import requests

response = requests.get(
    "https://api.laozhang.ai/v1/models",
    headers={"Authorization": f"Bearer {api_key}"}
)

if response.status_code == 200:
    print("Token valid")
else:
    print(f"Token invalid: {response.json()}")
'''

# The limits that the manual shows for an edit.
LIMITS = {
    "daily_limit": {"requests": 1000, "amount": 10},
    "monthly_limit": {"amount": 300},
    "max_tokens_per_request": 4000,
    "allowed_models": ["gpt-3.5-turbo", "gpt-4"],
}


class Manual(unittest.TestCase):
    def run_snippet(self, snippet: str, names: dict, **replaced: str) -> str:
        world = the_world()
        changes = {
            "https://api.laozhang.ai": world.base_url.rstrip("/"),
            "your_admin_token": world.management_key,
            "2025-12-31": "2125-12-31",
            **replaced,
        }
        for old, new in changes.items():
            snippet = snippet.replace(old, new)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(snippet, "manual", "exec"), names)  # noqa: S102
        return printed.getvalue()

    def test_the_snippets_run_as_printed(self) -> None:
        world: World = the_world()
        names: dict = {}
        printed = self.run_snippet(CREATE, names)
        token = names["new_token"]
        self.assertEqual(names["response"].status_code, 201)
        self.assertRegex(printed, r"^New Token: sk-[0-9A-Za-z]{48}\n$")
        self.assertEqual(token["permissions"], ["chat", "completions"])
        self.assertEqual(token["expires_at"], "2125-12-31T23:59:59Z")

        listed = self.run_snippet(LIST, names)
        self.assertIn("Name: New Production Token, Status: not_used\n", listed)

        path = f"/v1/api-keys/{token['id']}"
        edited = world.manage("PATCH", path, LIMITS)
        self.assertEqual(edited["daily_limit"], {"requests": 1000, "amount": 10})
        self.assertEqual(edited["monthly_limit"], {"requests": None, "amount": 300})
        self.assertEqual(edited["max_tokens_per_request"], 4000)
        self.assertEqual(edited["allowed_models"], ["gpt-3.5-turbo", "gpt-4"])

        revoked = self.run_snippet(REVOKE, names, key_123456=token["id"])
        self.assertEqual(revoked, "Token successfully revoked\n")
        invalid = self.run_snippet(TEST, {"api_key": token["key"]})
        self.assertIn("Token invalid", invalid)
        self.assertIn("key_revoked", invalid)

    def test_the_usage_snippet_reads_what_was_spent(self) -> None:
        world: World = the_world()
        model, key = world.model(), world.key()
        message = [{"role": "user", "content": "hello"}]
        world.client(key).chat.completions.create(model=model, messages=message)
        alerts: list[str] = []
        names: dict = {"DAILY_LIMIT": 0, "send_alert": alerts.append}
        printed = self.run_snippet(USAGE, names, your_api_key=key.secret)
        usage = names["usage"]
        self.assertGreater(usage["today_usage"], 0)
        self.assertEqual(usage["today_usage"], usage["month_usage"])
        self.assertEqual(alerts, ["Usage abnormal!"])
        self.assertIn(f"Today's usage: {usage['today_usage']}\n", printed)
        valid = self.run_snippet(TEST, {"api_key": key.secret})
        self.assertEqual(valid, "Token valid\n")
