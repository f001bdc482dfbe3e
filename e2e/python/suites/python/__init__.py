"""The official SDKs for Python: openai, anthropic, google-genai."""
