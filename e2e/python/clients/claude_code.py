"""Claude Code, set up for a gateway as its documentation says: by environment variables."""

from .agent import program
from .terminal import Ended, Terminal

NAME = "Claude Code"
# Its own default, by which it chooses what it sends.
MODEL = "claude-opus-4-8"
DIALECT = "messages"
# It leaves out one of its betas after another, in case that was what the API did not know.
MOST_REQUESTS_AFTER_400 = 7


def run(terminal: Terminal, base_url: str, secret: str, prompt: str, **settings: object) -> Ended:
    """One prompt without a window; `retries` instead of its own ten, `model` instead of `MODEL`,
    `resume` to go on with the last conversation, `flags` and `environment` as they are."""
    model = str(settings.get("model", MODEL))
    environment = {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": secret,
        "ANTHROPIC_MODEL": model,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": model,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
        # It may then do without questions what it is told, also as root.
        "IS_SANDBOX": "1",
    }
    if "retries" in settings:
        environment["CLAUDE_CODE_MAX_RETRIES"] = str(settings["retries"])
    claude = program("@anthropic-ai/claude-code-*/claude")
    flags = ["--dangerously-skip-permissions", *settings.get("flags", [])]
    if settings.get("resume"):
        flags.append("--continue")
    environment |= settings.get("environment", {})
    when = settings.get("interrupt_when")
    return terminal.run([claude, "-p", *flags, prompt], environment, when)


def shell(command: str) -> dict:
    """The call of a tool that runs this."""
    return {"name": "Bash", "arguments": {"command": command, "description": "Runs it"}}
