"""The four keys that stand below a participant's chat."""

from telegram import ReplyKeyboardMarkup

from bot.domain.people import LANGUAGES, Language
from bot.study import Study
from bot.texts import Phrase, key

# The label of each key, and the command that it stands for.
KEYS: tuple[tuple[tuple[str, str], ...], ...] = (
    ((key("keys.report"), "report"), (key("keys.visits"), "visits")),
    ((key("keys.contact"), "contact"), (key("keys.language"), "language")),
)


def keyboard(study: Study, language: Language) -> ReplyKeyboardMarkup:
    """Return the four keys in a language."""
    rows = [[study.texts.label(language, Phrase(label)) for label, _ in row] for row in KEYS]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)


def command_of_key(study: Study, text: str) -> str | None:
    """Return the command whose key reads `text` in any language; a chat may still show an older one."""
    for label, name in (pair for row in KEYS for pair in row):
        if text.strip() in {study.texts.label(language, Phrase(label)) for language in LANGUAGES}:
            return name
    return None
