"""docs/screens is what the program says today."""

from tests.screens.pages import COMMAND, FOLDER, pages


async def test_the_screens_on_file_are_what_the_program_says():
    now = await pages()
    on_file = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    differing = sorted(name for name in on_file.keys() | now if on_file.get(name) != now.get(name))
    assert not differing, f"run `{COMMAND}`, read what has changed, and commit it: {differing}"
