"""One change to a file, as SQL."""

from attrs import frozen

Statement = tuple[str, tuple[object, ...]]


@frozen
class Corruption:
    """`where`: a table, a column as `table.column`, or `schema`; `how`: one word."""

    where: str
    how: str
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        told = "; ".join(f"{sql} {parameters or ''}" for sql, parameters in self.statements)
        return f"{self.where} {self.how}: {' '.join(told.split())}"


def corruption(where: str, how: str, *statements: str) -> Corruption:
    """Return a corruption made of statements without parameters."""
    return Corruption(where, how, tuple((sql, ()) for sql in statements))
