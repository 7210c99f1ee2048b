"""CSV (RFC 4180): exports and reports. Every cell is text and stays as it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.decoding.decoder import DecodeError, Decoder, text_in
from ferrule.shape import JSON, Flag, SpecModel

Mark = Annotated[str, Field(min_length=1, max_length=1)]


class CsvDecoding(SpecModel):
    """A table: a list of objects, or of lists where nothing names the columns."""

    kind: Literal["csv"]
    delimiter: Mark = ","
    """The character between two cells; `"\\t"` for tabs."""
    quote: Mark = '"'
    """The character around a cell that holds delimiters, line breaks or, doubled, itself."""
    header: Flag = True
    """Whether the first row names the columns."""
    columns: tuple[str, ...] | None = None
    """Names of columns. Below a header: those that must be there. Without one: the name of each column, in order."""
    empty_as_null: Flag = False
    """Read an empty cell as null rather than as empty text."""

    @model_validator(mode="after")
    def _readable(self) -> CsvDecoding:
        if self.delimiter == self.quote or {self.delimiter, self.quote} & {"\r", "\n"}:
            raise PydanticCustomError("csv_marks", "`delimiter` and `quote` are two different characters, and no line breaks")
        if self.columns is not None and len(set(self.columns)) < len(self.columns or [None]):
            raise PydanticCustomError("csv_columns", "`columns` names at least one column, and each once")
        return self

    def compile(self) -> Decoder:
        return CsvDecoder(self.delimiter, self.quote, self.header, self.columns, self.empty_as_null)


@dataclass(frozen=True, slots=True)
class CsvDecoder:
    """Blank lines are skipped; a row that is longer or shorter than the others is an error."""

    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] | None = None
    empty_as_null: bool = False

    def decode(self, content: bytes, charset: str) -> JSON:
        rows = self._rows(text_in(content, charset))
        columns = self._header(next(rows, (1, []))[1]) if self.header else self.columns
        table: list[JSON] = []
        width = len(columns) if columns is not None else None
        for line, row in rows:
            width = len(row) if width is None else width
            if len(row) != width:
                hint = "a quoted cell, another `delimiter`, or a download cut off?"
                raise DecodeError(f"line {line} has {_cells(len(row))} where {width} are expected", hint)
            cells = [cell or None for cell in row] if self.empty_as_null else row
            table.append(cells if columns is None else dict(zip(columns, cells, strict=True)))
        return table

    def _header(self, row: list[str]) -> tuple[str, ...]:
        if not row:
            raise DecodeError("the file is empty: it has no header")
        for index, name in enumerate(row):
            if name in row[:index]:
                raise DecodeError(f"the header names column `{name}` twice", "say `header: false` and name the `columns`")
        for name in self.columns or ():
            if name not in row:
                raise DecodeError(f"the header has no column `{name}`; it has {_cells(len(row))}")
        return tuple(row)

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the line it starts on."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, quotechar=self.quote, strict=True)
        line = 0
        try:
            for row in reader:
                if row:
                    yield line + 1, row
                line = reader.line_num
        except csv.Error as error:
            raise DecodeError(f"not CSV: {error}, in the row that starts on line {line + 1}") from None


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
