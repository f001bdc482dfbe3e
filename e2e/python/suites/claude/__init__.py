"""Claude Code, as npm installs it."""
