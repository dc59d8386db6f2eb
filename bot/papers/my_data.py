"""What is stored about a participant, as a page that any phone can open: plain words, no names of staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.domain.people import Language
from bot.domain.site import Site
from bot.texts import Locale, Moment, Phrase, Texts, Value, Verbatim, locales, say

FILE_NAME = "my-data-{code}.html"
_STYLE = (
    "body{font:18px/1.6 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;max-width:42rem;"
    "margin:1rem auto;"
    "padding:0 1rem;color:#111;background:#fff}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem;"
    "border-bottom:1px solid #ccc}dt{color:#555;font-size:.9rem}dd{margin:0 0 .7rem;white-space:pre-line}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with its time; `text` is a phrase, or somebody's own words as they are."""

    at: datetime
    text: Phrase | str


@dataclass(frozen=True, slots=True)
class MyData:
    """All of it, in order."""

    code: str
    zone: str
    made_at: datetime
    person: tuple[Phrase, ...]
    plan: tuple[Phrase, ...]
    answers: tuple[Entry, ...]
    words: tuple[Entry, ...]
    alerts: tuple[Entry, ...]
    messages: tuple[Entry, ...]
    consents: tuple[Phrase, ...] = ()
    media: tuple[Entry, ...] = ()
    replies: tuple[Entry, ...] = ()


def my_data(texts: Texts, data: MyData, site: Site, language: Language) -> bytes:
    """Return the page in one language, or in both, one below the other."""
    spoken = locales(language)
    page = Markup(
        '<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<title>{title}</title><style>{style}</style>{halves}</html>"
    )
    return page.format(
        lang=spoken[0].replace("_", "-"),
        title=texts.plain(spoken[0], say("mydata.title", code=data.code)),
        style=Markup(_STYLE),
        halves=Markup("<hr>").join(_Half(texts, locale, data, site).whole() for locale in spoken),
    ).encode()


class _Half:
    """The page in one language."""

    def __init__(self, texts: Texts, locale: Locale, data: MyData, site: Site) -> None:
        self.texts, self.locale, self.data = texts, locale, data
        self.values: dict[str, Value] = {
            "site": site.phones.site,
            "name": Verbatim(site.name.zh_CN, site.name.en),
        }

    def whole(self) -> Markup:
        """Return every section, in the order of a letter."""
        data, parts = self.data, [self._tag("h1", say("mydata.title", code=self.data.code))]
        parts.append(self._tag("p", say("mydata.made", at=Moment(data.made_at, data.zone))))
        for title, body in (
            (say("mydata.person"), self._paragraphs(data.person)),
            (say("mydata.consents"), self._paragraphs(data.consents)),
            (say("mydata.plan"), self._paragraphs(data.plan)),
            (say("mydata.answers"), self._entries(data.answers)),
            (say("mydata.words"), self._entries(data.words)),
            (say("mydata.media"), self._entries(data.media)),
            (say("mydata.replies"), self._entries(data.replies)),
            (say("mydata.alerts"), self._entries(data.alerts)),
            (say("mydata.messages"), self._entries(data.messages)),
            (say("mydata.shared"), self._paragraphs(self._shared())),
            (say("mydata.rights"), self._paragraphs(self._rights())),
        ):
            parts += [self._tag("h2", title), body]
        return Markup("<section>{}</section>").format(Markup("").join(parts))

    def _shared(self) -> tuple[Phrase, ...]:
        site = say("mydata.shared_site", **self.values)
        return (site, say("mydata.shared_telegram"), say("mydata.shared_others"))

    def _rights(self) -> tuple[Phrase, ...]:
        more = say("mydata.rights_more", **self.values)
        return (more, say("mydata.rights_delete"), say("mydata.rights_withdraw"))

    def _entries(self, some: Iterable[Entry]) -> Markup:
        rows = Markup("").join(
            self._tag("dt", say("mydata.at", at=Moment(each.at, self.data.zone))) + self._tag("dd", each.text)
            for each in some
        )
        return Markup("<dl>{}</dl>").format(rows) if rows else self._tag("p", say("mydata.none"))

    def _paragraphs(self, some: Iterable[Phrase]) -> Markup:
        return Markup("").join(self._tag("p", each) for each in some) or self._tag("p", say("mydata.none"))

    def _tag(self, name: str, said: Phrase | str) -> Markup:
        inner = self.texts.html(self.locale, said) if isinstance(said, Phrase) else said
        return Markup("<{0}>{1}</{0}>").format(Markup(name), inner)
