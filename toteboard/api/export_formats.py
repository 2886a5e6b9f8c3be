"""How the pages of an export are written: as CSV, or as lines of JSON.

The calls (`books.py`) and the command line share this. It needs no network, so that a command
starts fast.
"""

import csv
import io
from collections.abc import Callable
from typing import Any

import orjson

from storage.exports import COLUMNS, ExportPage


def written_as(format_: str, kind: str) -> Callable[[Any], bytes]:
    """Return a function that writes pages of an export; the first page is empty.

    For CSV, that writes the header.
    """
    columns = COLUMNS[kind]
    if format_ == "jsonl":
        return _as_json
    rows = io.StringIO(newline="")
    writer = csv.DictWriter(rows, columns, lineterminator="\r\n")
    writer.writeheader()

    def write(page: ExportPage) -> bytes:
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in page)
        text = rows.getvalue()
        rows.seek(0)
        rows.truncate()
        return text.encode()

    return write


def _as_json(page: ExportPage) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in page)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
