"""Codex, set up for a gateway as its documentation says: a provider in `config.toml`."""

from .agent import program
from .terminal import Ended, Terminal

NAME = "Codex"
MODEL = "gpt-5.4"
DIALECT = "responses"
MOST_REQUESTS_AFTER_400 = 1

CONFIG = """\
model = "{model}"
model_provider = "tollkeeper"
check_for_update_on_startup = false

[features]
# Else it looks for plugins on its makers' sites.
plugins = false

[analytics]
enabled = false

[model_providers.tollkeeper]
name = "Tollkeeper"
base_url = "{base_url}/v1"
wire_api = "responses"
env_key = "TOLLKEEPER_KEY"
"""


def run(terminal: Terminal, base_url: str, secret: str, prompt: str, **settings: object) -> Ended:
    """One prompt without a window; `retries` instead of its own numbers, `model` instead of
    `MODEL`, `websockets` to let it try these first, `resume` to go on with the last conversation,
    `flags` as they are."""
    directory = terminal.home / ".codex"
    directory.mkdir(exist_ok=True)
    config = CONFIG.format(model=settings.get("model", MODEL), base_url=base_url)
    if "retries" in settings:
        config += f"request_max_retries = {settings['retries']}\n"
        config += f"stream_max_retries = {settings['retries']}\n"
    if settings.get("websockets"):
        config += "supports_websockets = true\n"
    (directory / "config.toml").write_text(config)
    codex = program("@openai/codex-*/vendor/*/bin/codex")
    flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
    flags += settings.get("flags", [])
    verb = ["exec", "resume", "--last"] if settings.get("resume") else ["exec"]
    environment = {"CODEX_HOME": str(directory), "TOLLKEEPER_KEY": secret}
    when = settings.get("interrupt_when")
    return terminal.run([codex, *verb, *flags, prompt], environment, when)


def shell(command: str) -> dict:
    """The call of a tool that runs this."""
    return {"name": "exec_command", "arguments": {"cmd": command}}
