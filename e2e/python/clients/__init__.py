"""The clients, each as a person would set it up: SDKs for Python and Node.js, and coding agents."""
