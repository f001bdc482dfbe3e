"""The companion, and the tools that it configures."""
