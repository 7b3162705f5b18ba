"""The errors a user can cause, each one clear line."""


class AnalysisError(Exception):
    """Raised when an input or parameter cannot be used; the message says what to do."""


class InputError(AnalysisError):
    """Raised when a file cannot be read as an annotated article."""
