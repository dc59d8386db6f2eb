"""`python -m tests.screens` plays everybody's day in each language and writes docs/screens anew."""

import asyncio

from tests.screens.pages import FOLDER, pages


def main() -> None:
    """Write every page, and say which changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = asyncio.run(pages())
    for stale in {path.name for path in FOLDER.glob("*.md")} - set(written):
        (FOLDER / stale).unlink()
    for name, text in written.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(FOLDER.parent.parent))


main()
