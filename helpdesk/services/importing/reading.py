"""An export as rows: whatever its encoding, delimiter and compression, and with the line of whatever is broken."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from helpdesk.domain.errors import Invalid
from helpdesk.services.context import step
from helpdesk.services.importing.mapping import Mapping

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, or what is wrong with it."""

    line: int
    cells: dict[str, str]
    problem: str = ""


@step
def rows(path: Path, mapping: Mapping) -> Iterator[Row]:
    """The rows of a file; empty words of the mapping become empty cells.

    Raises:
        Invalid: there is no such file, or it lacks a column the mapping needs; lists those it has.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with _open(path, mapping.encoding) as lines:
        head = lines.readline()
        delimiter = mapping.delimiter or max(_DELIMITERS, key=head.count)
        lines.seek(0)
        # A NUL would end the reader's work; the database takes none either.
        reader = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
        header = [name.strip() for name in next(reader, [])]
        missing = [column for column in mapping.columns() if column not in header]
        if missing:
            raise Invalid(
                file=f"The file has no column {', '.join(missing)}. It has: {', '.join(header) or 'nothing at all'}."
            )
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, {}, f"cannot be read: {error}")
                continue
            if not cells:
                continue
            if len(cells) != len(header):
                yield Row(line, {}, f"has {len(cells)} cells where the header has {len(header)}")
                continue
            told = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            yield Row(line, {name: "" if cell in mapping.empty else cell for name, cell in told.items()})


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    try:
        with _bytes(path) as file:
            found = encoding or _encoding(file)
        return io.TextIOWrapper(_bytes(path), encoding=found, errors="replace", newline="")
    except OSError as error:
        raise Invalid(file=f"{path} cannot be read: {error.strerror or error}") from None
    except LookupError:
        raise Invalid(mapping=f"There is no encoding {encoding}.") from None


def _bytes(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if is_packed else path.open("rb")


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 if every byte of the file is, otherwise what spreadsheets on Windows write."""
    head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        while block := file.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
