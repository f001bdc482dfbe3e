"""The API against its own description: what schemathesis makes of `/openapi.json`."""
