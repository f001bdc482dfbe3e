"""The official SDKs for Node.js: openai, @anthropic-ai/sdk, @google/genai."""
