"""The pages of docs/screens: every scene played in a language, and the texts that no scene has met."""

import logging
from collections.abc import Iterator

from bot.texts import LOCALES, Locale
from tests.catalogs import ROOT, entries, files
from tests.screens import alarms, days, desk, duty, forms, joining, later
from tests.screens.book import Book, table

FOLDER = ROOT / "docs" / "screens"
COMMAND = "make screens-text"
SCENES = (
    *joining.SCENES,
    *days.SCENES,
    *forms.SCENES,
    *alarms.SCENES,
    *desk.SCENES,
    *duty.SCENES,
    *later.SCENES,
)
TITLES = {
    "participant": "参与者看到的 | What a participant sees",
    "caregiver": "家人看到的 | What a caregiver sees",
    "stranger": "没有受邀的人看到的 | What somebody sees who was not invited",
    "coordinator": "研究协调员看到的 | What a coordinator sees",
    "investigator": "研究医生看到的 | What a physician on call sees",
    "second-channel": "第二通道发出的 | What goes out over the second channel",
}
HEAD = (
    f"程序演出来的画面，不手写；文案变了，运行 `{COMMAND}` 更新。"
    "方括号是按钮，💬 是点按钮后闪现的提示，📎 是附件。"
    f" | Played by the program, not written by hand; when a text changes, `{COMMAND}` renews it."
    " Buttons stand in brackets, 💬 is what flashes up when one is pressed, 📎 is a file."
)
# What is not said in a chat: the protocol on paper, the columns of the export.
NO_SCREENS = {"protocol_page.po", "export.po", "papers.po"}


async def pages() -> dict[str, str]:
    """Return every page by its name in docs/screens."""
    # A chat that is edited twice within a second is told to wait: that is in the play.
    logging.disable(logging.WARNING)
    try:
        written: dict[str, str] = {}
        for locale in LOCALES:
            book = await played(locale)
            written |= {f"{chapter}.{locale}.md": _page(book, chapter) for chapter in TITLES}
            written[f"further-words.{locale}.md"] = _further(book)
        return written
    finally:
        logging.disable(logging.NOTSET)


async def played(locale: Locale) -> Book:
    """Play every scene in one language."""
    book = Book(locale)
    for scene in SCENES:
        await scene(book)
    return book


def unmet(book: Book) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each catalog with those of its texts that no scene has said."""
    for path in files(book.locale):
        if path.name in NO_SCREENS:
            continue
        rest = {
            key: " / ".join(dict.fromkeys(forms))
            for key, forms, _ in entries(path, book.locale)
            if key not in book.texts.said
        }
        if rest:
            yield path.stem, rest


def _page(book: Book, chapter: str) -> str:
    return f"# {book.title(TITLES[chapter])}\n\n{book.title(HEAD)}\n\n{book.page(chapter)}"


def _further(book: Book) -> str:
    head = (
        "没有演到的文案：按原样列出，`{…}` 处填入数值。"
        " | Texts that no scene has met, as the catalogs have them; `{…}` stands for a value."
    )
    parts = [f"# {book.title('其余文案 | Further words')}", book.title(head)]
    for name, rest in unmet(book):
        parts += [f"## {name}", table(rest)]
    return "\n\n".join(parts) + "\n"
