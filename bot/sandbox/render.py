"""A message's text and entities as HTML that is safe to put into a page."""

import html

from bot.sandbox.text import Entity, utf16_length, utf16_slice

_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="tg-spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def to_html(text: str, entities: list[Entity]) -> str:
    """Return the text as HTML, safe to put into a page; what Telegram found by itself becomes links."""
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda found: (found["offset"], -found["length"])):
        start, end = _tags(text, entity)
        opens.setdefault(entity["offset"], []).append(start)
        closes.setdefault(entity["offset"] + entity["length"], []).insert(0, end)
    parts, offset = [], 0
    for character in text:
        parts += [*closes.pop(offset, []), *opens.pop(offset, []), html.escape(character)]
        offset += utf16_length(character)
    return "".join([*parts, *closes.pop(offset, [])])


def _tags(text: str, entity: Entity) -> tuple[str, str]:
    covered = utf16_slice(text, entity["offset"], entity["length"])
    links = {"text_link": entity.get("url", ""), "url": covered, "email": f"mailto:{covered}"}
    if entity["type"] in links:
        return f'<a href="{html.escape(links[entity["type"]])}">', "</a>"
    if entity["type"] in ("bot_command", "mention", "hashtag", "text_mention"):
        return f'<a class="{entity["type"]}">', "</a>"
    return _TAGS.get(entity["type"], ("", ""))
