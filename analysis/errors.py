"""The errors a user can cause, each one clear line.

Every message says where, what was found, what was expected and what to do.
"""


class AnalysisError(Exception):
    """Raised when an input or parameter cannot be used; the message says what to do."""


class InputError(AnalysisError):
    """Raised when a file cannot be read as an annotated article or as labeled rows."""


class ParameterError(AnalysisError):
    """Raised when a parameter's name is unknown or its value is not allowed."""


class ScorerError(AnalysisError):
    """Raised when a scorer is unknown, incomplete, damaged or lacks a package."""


class ReportError(AnalysisError):
    """Raised when a report could not be executed, exported or written."""


LONGEST = 1_000  # characters of a message


def one_line(text: object) -> str:
    """Fold a message onto one line of at most `LONGEST` characters; its middle goes first."""
    line = " ".join(str(text).split())
    if len(line) <= LONGEST:
        return line
    end = LONGEST // 3
    return f"{line[: LONGEST - end - 3]} … {line[-end:]}"


def unwritten(where: object, error: OSError, what: str = "cannot be written") -> str:
    """Return the message that something could not be written, and what is expected."""
    return (
        f"{where}: {what} ({error.strerror or error}); expected a folder with room that you may "
        "write to"
    )
