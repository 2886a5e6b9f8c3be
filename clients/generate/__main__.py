"""Writes the generated parts of both clients: `python -m clients.generate`."""

from pathlib import Path
from typing import Final

from clients.generate import document, python, typescript

CLIENTS: Final = Path(__file__).parents[1]


def generated() -> dict[Path, str]:
    """Return the text of each generated file."""
    read = document.read()
    printed = {
        CLIENTS / "python" / "src" / "toteboard_client" / "_generated": python.modules(read),
        CLIENTS / "js" / "src" / "generated": typescript.modules(read),
    }
    return {
        folder / name: text for folder, files in printed.items() for name, text in files.items()
    }


def main() -> None:
    """Write every generated file."""
    for path, text in generated().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
