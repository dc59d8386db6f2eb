"""A participant's temperature as a picture: by place of measurement, with infusions and thresholds."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.papers import TYPEFACE
from bot.texts import Locale, Phrase, Texts, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES, DPI = (9.0, 5.4), 130
# Told apart by shape as well as by colour: not everybody sees red and green, and prints are grey.
LOOKS = (("o", "#1f5fa8"), ("s", "#b3541e"), ("^", "#2e7d4f"), ("D", "#7b3fa0"), ("x", "#555555"))
LEVELS = (("fever", "--"), ("high", ":"))
LOWEST, HIGHEST = 35.5, 39.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One temperature in °C as it was reported, and where it was measured."""

    at: datetime
    value: float
    place: str


@dataclass(frozen=True, slots=True)
class CurveFacts:
    """What the picture shows; `places` are names by place, `levels` thresholds by name and place.

    `infusions`: when each began, and its name.
    """

    code: str
    zone: str
    measured: Sequence[Measured]
    infusions: Sequence[tuple[datetime, Phrase]]
    places: Mapping[str, Phrase]
    levels: Mapping[str, Mapping[str, float]]


def curve(facts: CurveFacts, texts: Texts, locale: Locale) -> bytes:
    """Return the picture as PNG; slow (drawing), so not for the event loop."""
    # Half a second to import, and most starts draw nothing. No pyplot: it keeps figures for ever.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    _Picture(figure.add_subplot(), facts, texts, locale).draw()
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


class _Picture:
    def __init__(self, axes: "Axes", facts: CurveFacts, texts: Texts, locale: Locale) -> None:
        from matplotlib.font_manager import FontProperties

        self._axes, self._facts, self._texts, self._locale = axes, facts, texts, locale
        self._zone = ZoneInfo(facts.zone)
        self._font = {size: FontProperties(fname=str(TYPEFACE), size=size) for size in (9, 10, 13)}

    def draw(self) -> None:
        """Draw all of it."""
        measured = {each.place for each in self._facts.measured}
        present = [place for place in self._facts.places if place in measured]
        self._frame()
        for place, (marker, ink) in zip(present, LOOKS, strict=False):
            self._line(place, marker, ink)
            self._thresholds(place, ink)
        self._infusions()
        if present:
            self._axes.legend(
                prop=self._font[9], loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False
            )

    def _say(self, phrase: Phrase) -> str:
        return self._texts.plain(self._locale, phrase)

    def _wall(self, at: datetime) -> Any:
        # Naive on purpose: the axis shows the clock on the wall, and knows no zones.
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _frame(self) -> None:
        from matplotlib.dates import AutoDateLocator, DateFormatter

        axes, measured = self._axes, self._facts.measured
        axes.set_title(self._say(say("curve.title", code=self._facts.code)), fontproperties=self._font[13])
        axes.set_ylabel("°C", fontproperties=self._font[10])
        values = [each.value for each in measured]
        axes.set_ylim(min([LOWEST, *values]) - 0.2, max([HIGHEST, *values]) + 0.4)
        first, last = self._span()
        axes.set_xlim(self._wall(first), self._wall(last))
        axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=8))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%m-%d"))  # type: ignore[no-untyped-call]
        axes.grid(visible=True, color="#e4e4e4", linewidth=0.8)
        axes.tick_params(labelsize=9)
        axes.set_axisbelow(True)

    def _span(self) -> tuple[datetime, datetime]:
        instants = [each.at for each in self._facts.measured] + [at for at, _ in self._facts.infusions]
        margin = max((max(instants) - min(instants)) / 20, timedelta(hours=12))
        return min(instants) - margin, max(instants) + margin

    def _line(self, place: str, marker: str, ink: str) -> None:
        points = sorted((m for m in self._facts.measured if m.place == place), key=lambda each: each.at)
        at, values = [self._wall(each.at) for each in points], [each.value for each in points]
        label = self._say(self._facts.places[place])
        self._axes.plot(at, values, marker=marker, color=ink, linewidth=1.2, markersize=5, label=label)

    def _thresholds(self, place: str, ink: str) -> None:
        for name, style in LEVELS:
            level = self._facts.levels.get(name, {}).get(place)
            if level is None:
                continue
            label = self._say(say("curve.threshold", place=self._facts.places[place], level=f"{level:g}"))
            self._axes.axhline(level, color=ink, linestyle=style, linewidth=1, alpha=0.7, label=label)

    def _infusions(self) -> None:
        top = self._axes.get_ylim()[1]
        for at, name in self._facts.infusions:
            self._axes.axvline(self._wall(at), color="#888888", linewidth=1)
            self._axes.annotate(
                self._say(name),
                (self._wall(at), top),
                xytext=(3, -4),
                textcoords="offset points",
                rotation=90,
                va="top",
                fontproperties=self._font[9],
                color="#444444",
            )
