"""The errors of openai for Python in the suites' form."""

from .sdk import Refused

ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "APIStatusError",
    404: "NotFoundError",
    429: "RateLimitError",
    502: "InternalServerError",
}


def refused(error: Exception) -> Refused:
    """The error; one of the connection has no status."""
    kind = type(error).__name__
    response = getattr(error, "response", None)
    head = {} if response is None else dict(response.headers)
    message = getattr(error, "message", str(error))
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    return Refused(kind, status, code, message, head)
