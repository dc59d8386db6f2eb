"""The page of a protocol as text, and as one HTML page to print on A4."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from bot.screens.protocol.outline import Cited, Entry, Outline, Page, Section
from bot.screens.protocol.style import STYLE, footed
from bot.texts import Locale, Phrase, Texts, key, say

_SIGNING = (key("page.sign_name"), key("page.sign_date"), key("page.sign_signature"))


def as_text(page: Page, texts: Texts, locale: Locale) -> str:
    """Return the page as plain text in one language."""
    return "\n".join(_Text(texts, locale).page(page))


def as_html(page: Page, texts: Texts, locales: tuple[Locale, ...]) -> str:
    """Return one HTML document that needs nothing else, the languages side by side."""
    return str(_Html(texts, locales).page(page))


class _Text:
    def __init__(self, texts: Texts, locale: Locale) -> None:
        self.texts, self.locale = texts, locale

    def page(self, page: Page) -> Iterator[str]:
        yield from (self._say(page.title), "")
        yield from (self._say(fact) for fact in page.facts)
        for section in page.sections:
            yield from self._section(section)
        if page.digest:
            yield from self._signature(page.digest)

    def _signature(self, digest: Phrase) -> Iterator[str]:
        yield from ("", f"══ {self._say(say('page.sign'))} ══")
        yield from (self._say(say("page.sign_read")), self._say(digest))
        for name in _SIGNING:
            yield from ("", f"{self._say(Phrase(name))}: ________________")
        yield from ("", self._say(say("page.sign_then")))

    def _section(self, section: Section) -> Iterator[str]:
        yield from ("", f"══ {self._say(section.title)} ══")
        yield from (self._say(line) for line in section.intro)
        for entry in section.entries:
            yield ""
            yield from self._entry(entry)

    def _entry(self, entry: Entry) -> Iterator[str]:
        mark = f" [{self._say(entry.mark)}]" if entry.mark else ""
        yield f"{entry.id}{mark}  {self._say(entry.title)}"
        for outline in entry.outlines:
            yield from self._outline(outline, 1)
        yield from (f"    · {self._say(one.label)}: {one.words}" for one in entry.listed)
        if entry.remark:
            yield f"    {entry.remark}"
        yield from (f"    [{one.tag}] {one.source}" for one in entry.cited)

    def _outline(self, outline: Outline, depth: int) -> Iterator[str]:
        yield f"{'    ' * depth}· {self._say(outline.head)}"
        for below in outline.below:
            yield from self._outline(below, depth + 1)

    def _say(self, phrase: Phrase) -> str:
        return self.texts.plain(self.locale, phrase)


class _Html:
    def __init__(self, texts: Texts, locales: tuple[Locale, ...]) -> None:
        self.texts, self.locales = texts, locales

    def page(self, page: Page) -> Markup:
        title = " · ".join(self.texts.plain(locale, page.title) for locale in self.locales)
        body = Markup().join(
            [
                Markup("<h1>{}</h1>").format(self._both(page.title)),
                self._facts(page),
                self._contents(page),
                *(self._section(at, section) for at, section in enumerate(page.sections, 1)),
                self._signature(page.digest) if page.digest else Markup(),
            ]
        )
        return Markup(
            '<!doctype html>\n<html lang="{}">\n<head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<title>{}</title><style>{}{}</style></head>\n<body>\n{}</body></html>\n"
        ).format(self._lang(self.locales[0]), title, Markup(STYLE), Markup(footed(page.foot)), body)

    def _facts(self, page: Page) -> Markup:
        rows = Markup().join(
            Markup("<tr>{}</tr>\n").format(
                Markup().join(self._cell(locale, self._say(locale, fact)) for locale in self.locales)
            )
            for fact in page.facts
        )
        return Markup('<table class="facts"><tbody>{}</tbody></table>\n').format(rows)

    def _contents(self, page: Page) -> Markup:
        """Return where to find what: the page is as long as a booklet."""
        titles = [(f"s{at}", section.title) for at, section in enumerate(page.sections, 1)]
        if page.digest:
            titles.append(("sign", say("page.sign")))
        rows = Markup().join(
            Markup('<li><a href="#{}">{}</a></li>').format(to, self._both(title)) for to, title in titles
        )
        return Markup('<nav class="contents"><ol>{}</ol></nav>\n').format(rows)

    def _section(self, at: int, section: Section) -> Markup:
        intro = Markup().join(
            Markup('<p class="intro" lang="{}">{}</p>').format(
                self._lang(locale), Markup(" ").join(self._say(locale, line) for line in section.intro)
            )
            for locale in self.locales
            if section.intro
        )
        rows = Markup().join(self._entry(entry) for entry in section.entries)
        columns = Markup('<col class="id">') + Markup('<col class="words">') * len(self.locales)
        return Markup(
            '<section id="s{}"><h2>{}</h2>{}\n<table><colgroup>{}<col class="source"></colgroup>'
            "<tbody>\n{}</tbody></table></section>\n"
        ).format(at, self._both(section.title), intro, columns, rows)

    def _entry(self, entry: Entry) -> Markup:
        marks = Markup().join(
            Markup('<span class="mark" lang="{}">{}</span>').format(
                self._lang(locale), self._say(locale, entry.mark)
            )
            for locale in self.locales
            if entry.mark
        )
        words = Markup().join(self._words(locale, entry) for locale in self.locales)
        # Long names of the file may break at their joints only.
        named = escape(entry.id).replace("_", Markup("_<wbr>"))
        return Markup('<tr class="{}"><th>{}{}</th>{}<td class="source">{}</td></tr>\n').format(
            entry.tone, named, marks, words, self._sources(entry)
        ) + self._listed(entry)

    def _listed(self, entry: Entry) -> Markup:
        """Return what people say in a row of its own: it needs no second language."""
        if not entry.listed:
            return Markup()
        rows = Markup().join(
            Markup("<p><b>{}</b>: {}</p>").format(self._both(one.label), one.words) for one in entry.listed
        )
        wide = len(self.locales) + 1
        return Markup('<tr class="{} listed"><th></th><td colspan="{}">{}</td></tr>\n').format(
            entry.tone, wide, rows
        )

    def _words(self, locale: Locale, entry: Entry) -> Markup:
        title = Markup("<b>{}</b>").format(self._say(locale, entry.title))
        return self._cell(locale, title + self._list(locale, entry.outlines))

    def _list(self, locale: Locale, outlines: tuple[Outline, ...]) -> Markup:
        if not outlines:
            return Markup()
        rows = Markup().join(
            Markup("<li>{}{}</li>").format(self._say(locale, one.head), self._list(locale, one.below))
            for one in outlines
        )
        return Markup("<ul>{}</ul>").format(rows)

    def _sources(self, entry: Entry) -> Markup:
        remark = Markup("<i>{}</i>").format(entry.remark) if entry.remark else Markup()
        return remark + Markup().join(self._cited(one) for one in entry.cited)

    def _cited(self, one: Cited) -> Markup:
        return Markup('<p><span class="tag">[{}]</span> {}</p>').format(one.tag, one.source)

    def _signature(self, digest: Phrase) -> Markup:
        lines = Markup().join(
            Markup('<tr><th>{}</th><td class="line"></td></tr>').format(self._both(Phrase(name)))
            for name in _SIGNING
        )
        facts = Markup("<p>{}</p>").format(self._say(self.locales[0], digest))
        then = self._paragraphs(say("page.sign_then"))
        return Markup(
            '<section class="signing" id="sign"><h2>{}</h2>{}{}<table>{}</table>{}</section>\n'
        ).format(self._both(say("page.sign")), self._paragraphs(say("page.sign_read")), facts, lines, then)

    def _paragraphs(self, phrase: Phrase) -> Markup:
        return Markup().join(
            Markup('<p lang="{}">{}</p>').format(self._lang(locale), self._say(locale, phrase))
            for locale in self.locales
        )

    def _both(self, phrase: Phrase) -> Markup:
        said = dict.fromkeys(self._say(locale, phrase) for locale in self.locales)
        return Markup(' <span class="other">·</span> ').join(said)

    def _cell(self, locale: Locale, content: Markup) -> Markup:
        return Markup('<td lang="{}">{}</td>').format(self._lang(locale), content)

    def _say(self, locale: Locale, phrase: Phrase | None) -> Markup:
        return self.texts.html(locale, phrase) if phrase else Markup()

    def _lang(self, locale: Locale) -> str:
        return "zh-Hans" if locale == "zh_CN" else "en"
