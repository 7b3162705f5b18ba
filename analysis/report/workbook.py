"""A result's tables as an Excel workbook: one sheet per frame, one that explains the columns."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from analysis.atomic import atomic_writer
from analysis.errors import InputError
from analysis.frames import SCHEMAS, STORIES, VERSIONS

WORKBOOK = "tables.xlsx"
LONGEST = 32_767  # characters of a cell that Excel reads
CUT = " […]"
WIDEST = 60  # characters that a column is wide
_DESCRIBED = SCHEMAS | VERSIONS | STORIES


def write_workbook(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write frames as an Excel workbook in one step.

    Texts are typed as text, so that none is a formula; control characters become U+FFFD, and a
    text over `LONGEST` characters is cut with a mark and named on the sheet of columns.

    Args:
        frames: by name, as in `frames.py`.
        path: of the workbook.

    Raises:
        InputError: it cannot be written.
    """
    try:
        with atomic_writer(path) as file:
            _save(frames, file)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); expected a file in a folder that you "
            "may write to"
        ) from None


def _save(frames: Mapping[str, pd.DataFrame], file: BinaryIO) -> None:
    from openpyxl import Workbook  # takes a tenth of a second to import

    book = Workbook(write_only=True)
    cut: dict[tuple[str, str], int] = {}
    columns = book.create_sheet("columns")
    for name, frame in frames.items():
        sheet = book.create_sheet(name)
        wide = frame.select_dtypes(["object", "string"]).map(_length).astype(int).max().fillna(0)
        _lay_out(sheet, [min(max(wide.get(c, 0), len(c)) + 2, WIDEST) for c in frame.columns])
        sheet.append([_cell(sheet, column, bold=True) for column in frame.columns])
        for row in frame.itertuples(index=False):
            sheet.append([_cell(sheet, value) for value in row])
        for column in wide.index[wide > LONGEST]:
            cut[name, column] = int((frame[column].map(_length) > LONGEST).sum())
    _explain(columns, frames, cut)
    book.save(file)


def add_workbook(folder: Path) -> Path:
    """Write the workbook of a report's folder from its Parquet files, and return its path.

    Raises:
        InputError: a table is missing, or the workbook cannot be written.
    """
    path = folder / WORKBOOK
    kinds = (SCHEMAS, VERSIONS, STORIES)
    names = next((k for k in kinds if (folder / f"{next(iter(k))}.parquet").exists()), SCHEMAS)
    try:
        frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
    except OSError as error:
        raise InputError(
            f"{folder}: found no tables ({error.strerror or error}); expected those of a report, "
            "make it again with --force"
        ) from None
    write_workbook(frames, path)
    return path


def _explain(sheet: Any, frames: Mapping[str, pd.DataFrame], cut: Mapping) -> None:
    _lay_out(sheet, (14, 18, 90, 50))
    sheet.append([_cell(sheet, text, bold=True) for text in ("sheet", "column", "meaning", "cut")])
    for name, frame in frames.items():
        for column in frame.columns:
            n = cut.get((name, column))
            note = f"{n} of more than {LONGEST} characters, cut at {CUT.strip()}" if n else ""
            meaning = _DESCRIBED[name].columns[column].description or ""
            sheet.append([_cell(sheet, text) for text in (name, column, meaning, note)])


def _lay_out(sheet: Any, widths: Iterable[float]) -> None:
    """Set columns' widths, in characters, and let the first row stay in view."""
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    """Return a cell; a text is typed as one, whatever it starts with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
    from openpyxl.styles import Font

    if not isinstance(value, str):
        return None if pd.isna(value) else value.item() if hasattr(value, "item") else value
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value.encode("utf-8", "replace").decode())
    cell = WriteOnlyCell(sheet, "")
    cell.value = text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
    cell.data_type, cell.number_format = "s", "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
