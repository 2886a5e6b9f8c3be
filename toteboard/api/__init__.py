"""The operator's API: JSON at `/v1/` on the operator port (docs/reference/operator-api.md).

`table.py` has one row for each call. Routing, rights, parameters and the OpenAPI document derive
from it. `desk.py` and `books.py` answer the calls, `export_formats.py` writes exports, `site.py`
serves the API.
"""
