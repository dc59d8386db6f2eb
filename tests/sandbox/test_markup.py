"""HTML and entities: offsets in UTF-16 units, as Telegram counts."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.markup import parse_html
from bot.sandbox.refusals import Refusal
from bot.sandbox.render import to_html
from bot.sandbox.text import check_entities, finish, utf16_length, utf16_slice

TAGS = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "s": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
}
# Letters that take one, two, three and four bytes, and two UTF-16 units in the last case.
LETTERS = st.text(st.sampled_from("aB1é随访😀👩‍⚕️ \n&<>\"'"), min_size=1, max_size=12)


@st.composite
def pieces(draw):
    """Return plain and tagged pieces of text, nested at most three deep."""
    return draw(
        st.lists(st.tuples(LETTERS, st.lists(st.sampled_from(sorted(TAGS)), max_size=3, unique=True)))
    )


@given(pieces())
def test_each_entity_covers_the_text_that_its_tags_embrace(pieces):
    source, plain, expected = "", "", []
    for text, tags in pieces:
        opening = "".join(f"<{tag}>" for tag in tags)
        source += opening + html.escape(text, quote=False) + "".join(f"</{tag}>" for tag in reversed(tags))
        place = {"offset": len(plain.encode("utf-16-le")) // 2, "length": len(text.encode("utf-16-le")) // 2}
        expected += [{"type": TAGS[tag], **place} for tag in tags]
        plain += text
    text, entities = parse_html(source)
    assert text == plain
    assert sorted(map(str, entities)) == sorted(map(str, expected))


@given(pieces())
def test_what_is_stored_is_trimmed_and_its_entities_lie_inside(pieces):
    plain = "".join(text for text, _ in pieces)
    entities, place = [], 0
    for text, tags in pieces:
        length = utf16_length(text)
        entities += [{"type": TAGS[tag], "offset": place, "length": length} for tag in tags]
        place += length
    text, kept = finish(plain, entities)
    assert text == text.rstrip()
    assert text in plain
    for entity in kept:
        assert entity["length"] > 0
        assert 0 <= entity["offset"] <= utf16_length(text) - entity["length"]
        assert utf16_slice(text, entity["offset"], entity["length"]) in plain


@given(st.text(max_size=60))
def test_escaped_text_comes_through_unchanged(text):
    assert parse_html(html.escape(text)) == (text, [])


@given(st.text(st.sampled_from("<>/ab=\"' &;#x1随"), max_size=30))
def test_any_text_is_parsed_or_refused_in_telegram_s_words(source):
    refused = ""
    try:
        text, entities = parse_html(source)
        assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)
    except Refusal as refusal:
        refused = refusal.description
    assert not refused or refused.startswith("Bad Request: can't parse entities: ")


@given(LETTERS, LETTERS)
def test_entities_become_safe_html_again(before, inside):
    entity = {"type": "bold", "offset": utf16_length(before), "length": utf16_length(inside)}
    shown = to_html(before + inside, [entity])
    assert shown == f"{html.escape(before)}<b>{html.escape(inside)}</b>"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<strong>a</strong><em>b</em>", "ab", [("bold", 0, 1), ("italic", 1, 1)]),
        ("<ins>a</ins><strike>b</strike><del>c</del>", "abc",
         [("underline", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)]),
        ("<B>a</B>", "a", [("bold", 0, 1)]),
        ("<b>a</>", "a", [("bold", 0, 1)]),
        ("<b></b>a", "a", []),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<blockquote><b>a</b></blockquote>", "a", [("blockquote", 0, 1), ("bold", 0, 1)]),
        ("&lt;&gt;&amp;&quot;", "<>&\"", []),
        ("&#38;&#x1F600;&#128512;", "&😀😀", []),
        ("&lt;b&gt", "<b>", []),
        ("&nbsp; &copy; & &#0;", "&nbsp; &copy; & &#0;", []),
        ("<pre>a</pre>", "a", [("pre", 0, 1)]),
        ("<code class='language-x'>a</code>", "a", [("code", 0, 1)]),
        ("<a href='relative'>a</a>", "a", []),
    ],
)  # fmt: skip
def test_telegram_s_dialect(source, text, entities):
    found = parse_html(source)
    kinds = [(entity["type"], entity["offset"], entity["length"]) for entity in found[1]]
    assert (found[0], sorted(kinds)) == (text, sorted(entities))


def test_a_link_carries_its_address():
    source = "<a href=\"https://a.b/?x=1&amp;y=2\">a</a><a>c.de</a><a href='tel:+1'>x</a>"
    _, entities = parse_html(source)
    assert [entity["url"] for entity in entities] == ["https://a.b/?x=1&y=2", "http://c.de/", "tel:+1"]


def test_a_pre_learns_the_language_of_its_code():
    _, entities = parse_html('<pre><code class="language-python">a</code></pre>')
    assert entities == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start abc", [("bot_command", 0, 6)]),
        ("😀 /help@suifang_bot x", [("bot_command", 3, 17)]),
        ("a/b 1/2", []),
        ("见 https://a.b/c?d 好", [("url", 2, 15)]),
        ("@somebody me@a.bc", [("mention", 0, 9), ("email", 10, 7)]),
        ("#随访 #1", [("hashtag", 0, 3)]),
    ],
)
def test_telegram_finds_these_by_itself(text, found):
    _, entities = finish(text, [])
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == found


def test_nothing_is_looked_for_inside_code_and_links():
    entities = [{"type": "code", "offset": 0, "length": 5}]
    assert finish("/help", entities) == ("/help", entities)


@pytest.mark.parametrize(
    ("text", "entities", "kept", "left"),
    [
        ("  a  ", [], "a", []),
        ("\n\n 随 b \n", [("bold", 3, 1)], "随 b", [("bold", 0, 1)]),
        (" a ", [("bold", 0, 3)], " a", [("bold", 0, 2)]),
        ("a  ", [("bold", 1, 2)], "a", []),
        ("a\rb\x00c\t", [("bold", 2, 1)], "ab c", [("bold", 1, 1)]),
        ("a\u2028b\u202ec\u030ad\u0333e\u033f f", [("bold", 11, 1)], "abcde f", [("bold", 6, 1)]),
    ],
)
def test_white_space_is_trimmed_and_entities_move_along(text, entities, kept, left):
    given = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]
    found = finish(text, given)
    assert (found[0], [(e["type"], e["offset"], e["length"]) for e in found[1]]) == (kept, left)


def test_a_bot_cannot_give_what_telegram_finds_by_itself():
    given = [{"type": kind, "offset": 0, "length": 1} for kind in ("url", "mention", "bold", "email")]
    assert check_entities("a", [*given, {"type": "italic", "offset": 0, "length": 0}]) == [given[2]]


def test_a_page_cannot_be_injected_into():
    text, entities = finish('<script>https://a.b/"onclick', [])
    shown = to_html(text, entities)
    assert "<script" not in shown
    assert 'href="https://a.b/"' in shown


@pytest.mark.parametrize(
    ("kind", "extra", "shown"),
    [
        ("text_link", {"url": 'https://a.b/"x'}, '<a href="https://a.b/&quot;x">a</a>'),
        ("pre", {}, "<pre>a</pre>"),
        ("bot_command", {}, '<a class="bot_command">a</a>'),
        ("cashtag", {}, "a"),
    ],
)
def test_other_entities_become_html(kind, extra, shown):
    assert to_html("a", [{"type": kind, "offset": 0, "length": 1, **extra}]) == shown
