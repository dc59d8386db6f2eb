"""What the catalogs should hold and do hold; `python -m tests.catalogs` writes down what they lack."""

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po
from pydantic import BaseModel

from bot.domain.protocol import load_protocol, text_keys
from bot.texts import LOCALES, MESSAGES_DIR, Locale, read_catalog

ROOT = Path(__file__).resolve().parent.parent
# The functions whose first argument is a key.
KEYWORDS = dict.fromkeys(("say", "say_n", "key", "Phrase", "Words", "BadInput"))
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")
NEW = "new.po"

Forms = tuple[str, ...]


def used_keys() -> dict[str, str]:
    """Return every key that code and protocols name, and the first place that does.

    A key that is put together while the program runs cannot be seen here: its
    module marks each possible one with `key(...)`.
    """
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    used: dict[str, str] = {}
    for name, line, message, _, _ in extract_from_dir(ROOT, methods, options, KEYWORDS):
        if isinstance(message, str) and KEY.fullmatch(message):
            used.setdefault(message, f"{name}:{line}")
    return used


def keys_of_protocol(
    file: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield the keys of a protocol file, as Babel wants an extractor to."""
    path = Path(file.name)
    lines = path.read_text(encoding="utf-8").splitlines()
    protocol = load_protocol(path)
    for key in dict.fromkeys([*text_keys(protocol), *_keys_that_parts_name(protocol)]):
        line = next((number for number, text in enumerate(lines, 1) if f'"{key}"' in text), 1)
        yield line, None, key, []


def _keys_that_parts_name(part: Any) -> Iterator[str]:
    if isinstance(part, BaseModel):
        if callable(own := getattr(part, "text_keys", None)):
            yield from own()
        for name in type(part).model_fields:
            yield from _keys_that_parts_name(getattr(part, name))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _keys_that_parts_name(value)
    elif isinstance(part, tuple | list):
        for value in part:
            yield from _keys_that_parts_name(value)


def files(locale: Locale) -> list[Path]:
    """Return the catalog files of a locale."""
    return sorted((MESSAGES_DIR / locale / "LC_MESSAGES").glob("*.po"))


def entries(path: Path, locale: Locale) -> Iterator[tuple[str, Forms, bool]]:
    """Yield key, texts (one for each plural form) and whether it is fuzzy, for each entry of a file."""
    for message in read_catalog(path, locale):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts = message.string or ""
            forms = (texts,) if isinstance(texts, str) else tuple(texts)
            yield key, forms, message.fuzzy


def held(locale: Locale) -> dict[str, Forms]:
    """Return key → texts of a locale, as the program reads them: what is empty or fuzzy is not there."""
    return {
        key: forms
        for path in files(locale)
        for key, forms, fuzzy in entries(path, locale)
        if all(forms) and not fuzzy
    }


def missing(locale: Locale) -> dict[str, str]:
    """Return the keys that `locale` lacks, and who wants each: a place in the code, or the other catalogs."""
    wanted = {key: f"messages/{other}" for other in LOCALES for key in held(other)} | used_keys()
    have = held(locale)
    return {key: place for key, place in sorted(wanted.items()) if key not in have}


def unfinished(locale: Locale) -> list[str]:
    """Return the entries that are empty or fuzzy."""
    return [
        f"{path.parent.parent.name}/{path.name}: {key}"
        for path in files(locale)
        for key, forms, fuzzy in entries(path, locale)
        if fuzzy or not all(forms)
    ]


def twice(locale: Locale) -> list[str]:
    """Return the keys that two files of a locale hold: only one of them would be read."""
    found = sorted((key, path.name) for path in files(locale) for key, _, _ in entries(path, locale))
    return [f"{one}: {first} and {second}" for (one, first), (two, second) in pairwise(found) if one == two]


def placeholders(forms: Forms) -> set[str]:
    """Return the names in braces, over all plural forms."""
    return set().union(*(re.findall(r"\{(\w+)", text) for text in forms))


def tags(forms: Forms) -> set[str]:
    """Return the HTML tags, over all plural forms; `</b>` and `<b>` are two."""
    return set().union(*(re.findall(r"</?[a-z-]+", text) for text in forms))


def write_missing(locale: Locale) -> int:
    """Add the keys that no file of `locale` names to `new.po`, with empty texts; return how many."""
    started = {key for file in files(locale) for key, _, _ in entries(file, locale)}
    lacking = {key: place for key, place in missing(locale).items() if key not in started}
    path = MESSAGES_DIR / locale / "LC_MESSAGES" / NEW
    catalog = read_catalog(path, locale) if path.exists() else Catalog(locale=locale, fuzzy=False)
    for key, place in lacking.items():
        catalog.add(key, "", user_comments=[f"wanted by {place}"])
    if lacking:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, omit_header=False, sort_output=True, width=0)
    return len(lacking)


def main() -> int:
    """Write down what each catalog lacks, and say what is left to fill in; 1 when there is anything."""
    for locale in LOCALES:
        added = write_missing(locale)
        print(
            f"{locale}: {len(held(locale))} texts, {added} keys added to messages/{locale}/LC_MESSAGES/{NEW}"
        )
        for entry in unfinished(locale):
            print(f"  to fill in: {entry}")
    return int(any(map(unfinished, LOCALES)))


if __name__ == "__main__":
    sys.exit(main())
