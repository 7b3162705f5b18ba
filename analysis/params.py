"""The parameters of a report; errors on unknown names and bad values say what is allowed."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from analysis.errors import ParameterError
from analysis.types import DEFAULT_SCORER, SCORERS

# One text stands for a list of one.
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
LONGEST_TIMEOUT = 31_536_000  # seconds: a year
LONGEST_ITEM = 300  # characters of a target, a marker, a column or a limit
ID = r"^[A-Za-z0-9_-]{0,120}$"


class ReportParams(BaseModel):
    """The settings that decide the content of an article's report.

    The fields are the parameters of `article-report.ipynb` and of `-p`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    article: str = Field(min_length=1, description="an annotated article, a file")
    targets: Texts = Field(
        (), description="names or short propositions; default: found in the text"
    )
    scorer: str = Field(DEFAULT_SCORER, description=f"one of {', '.join(SCORERS)}")
    second: str = Field("", description="another scorer, for a second opinion; default: none")
    confidence_level: float = Field(
        0.95,
        gt=0.5,
        lt=1,
        description="a number between 0.5 and 1, such as 0.95, for all intervals",
    )
    seed: int = Field(
        0, ge=0, lt=2**32, description="a whole number from 0 to 4294967295, for the bootstrap"
    )
    markers: Texts = Field((), description="more openings that mark a comment, such as Rebuttal:")
    builtin_markers: bool = Field(
        True, description="true or false: whether usual openings such as Comment: mark a comment"
    )
    run_on: bool = Field(
        False, description="true or false: whether a comment may continue after a blank line"
    )
    article_id: str = Field(
        "",
        pattern=ID,
        description="letters, digits, - and _: the article of a table to read, or the id to give "
        "the article",
    )
    columns: Texts = Field(
        (), description="a table's columns, each as ROLE=NAME, such as comment=Kommentar"
    )
    limits: Texts = Field(
        (), description="limits on what is read, each as NAME=NUMBER, such as pages=3000"
    )
    aliases: str = Field(
        "", description="a YAML file of targets' aliases; default: the shipped one"
    )
    tables: str = Field("", description="a folder to write the tables to; default: none")

    @field_validator("targets", "markers", "columns", "limits")
    @classmethod
    def _each_says_something(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not item.strip() for item in value):
            raise ValueError("an empty text in the list")
        if longest := [item for item in value if len(item) > LONGEST_ITEM]:
            raise ValueError(f"a text of {len(longest[0]):,} characters, at most {LONGEST_ITEM}")
        return tuple(dict.fromkeys(item.strip() for item in value))

    @field_validator("scorer", "second")
    @classmethod
    def _scorer_is_known(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name == "second":
            return value
        if value.partition(":")[0] not in {name.partition(":")[0] for name in SCORERS}:
            raise ValueError("no such scorer")
        return value

    @property
    def sides(self) -> tuple["ReportParams", ...]:
        """The parameters of each article that is read: of this one alone."""
        return (self,)

    def for_notebook(self) -> dict[str, Any]:
        """Return the parameters by their names in the notebook, as JSON values."""
        return self.model_dump(mode="json", by_alias=True)


class PairParams(ReportParams):
    """The settings that decide the content of a report on two texts.

    The fields are the parameters of `versions-report.ipynb` and of `-p`. `article` is the
    republished text, or the second of two stories; it is given as `republished`. Both are read in
    the same way.
    """

    article: str = Field(
        min_length=1, alias="republished", description="the republished article, a file"
    )
    original: str = Field(min_length=1, description="the article as first published, a file")
    original_id: str = Field(
        "",
        pattern=ID,
        description="letters, digits, - and _: the article of a table that is the original, or "
        "the id to give it",
    )
    same_event: bool = Field(
        False, description="true or false: whether the two are different stories of one event"
    )
    second: str = Field(
        "", max_length=0, description="nothing, since two texts are compared by one scorer"
    )

    @property
    def sides(self) -> tuple[ReportParams, ...]:
        """The parameters of each article that is read: the original, the republished one."""
        shared = {name: getattr(self, name) for name in ReportParams.model_fields}
        original = {"article": self.original, "article_id": self.original_id}
        return ReportParams(**shared | original), ReportParams(**shared)


AnyParams = TypeVar("AnyParams", bound=ReportParams)


def report_params(**values: Any) -> ReportParams:
    """Return checked parameters.

    Raises:
        ParameterError: a name is unknown or a value is not allowed; the message says what is.
    """
    return _checked(ReportParams, values)


def pair_params(**values: Any) -> PairParams:
    """Return checked parameters of a report on two texts; see `report_params`."""
    return _checked(PairParams, values)


def _checked(model: type[AnyParams], values: Mapping[str, Any]) -> AnyParams:
    try:
        return model(**values)
    except ValidationError as error:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        raise ParameterError("; ".join(_line(e, fields) for e in error.errors())) from None


def _line(error: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in error["loc"])
    field = fields.get(name.partition(".")[0])
    expected = (field.description if field else None) or "another value"
    if error["type"] == "extra_forbidden":
        return f"unknown parameter {name!r}; expected one of {', '.join(fields)}"
    if error["type"] == "missing":
        return f"parameter {name!r} is missing; expected {expected}"
    reason = error["msg"].removeprefix("Value error, ")
    return f"parameter {name!r}: found {error['input']!r:.300} ({reason}); expected {expected}"


def given(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return what looks like a parameter in a notebook's namespace, known or not.

    Papermill only warns about a parameter that the notebook does not have. This function returns
    such parameters too, so that `report_params` refuses them. Call it as `given(globals())` before
    the notebook assigns other variables.
    """
    simple = (str, int, float, bool, list, tuple, dict, type(None))
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, simple) and not name.startswith("_") and name not in _IPYTHONS
    }


_IPYTHONS = frozenset({"In", "Out"})
