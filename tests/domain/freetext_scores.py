"""Recall and false alarms of free text on labelled sentences: `python -m tests.domain.freetext_scores`."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.freetext import Heard, read
from bot.domain.protocol import Protocol, load_protocol

CORPUS = Path(__file__).parent.parent / "protocols" / "corpus"
RANK = {"queue": 0, "ask": 1, "red": 2}
LANGUAGE = {"zh": "chinese", "hant": "chinese", "yue": "chinese", "en": "en"}


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence."""

    id: str
    text: str
    act: str
    hazard: str | None
    lang: str


@dataclass
class Score:
    """Counts of one language; a sentence that asks for more than its label is a false alarm."""

    wanted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reached: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    quiet: int = 0
    alarmed: int = 0
    overdone: int = 0
    wrong: list[tuple[Sentence, Heard]] = field(default_factory=list)

    def recall(self, act: str) -> float:
        """Return the share of sentences of this act that are answered at least so."""
        return self.reached[act] / self.wanted[act] if self.wanted[act] else 1.0

    @property
    def false_alarms(self) -> float:
        """Return the share of the sentences for the queue that are asked about or acted on."""
        return self.alarmed / self.quiet if self.quiet else 0.0

    def __str__(self) -> str:
        red, ask = self.recall("red"), self.recall("ask")
        return (
            f"RED recall {red:.3f} ({self.reached['red']}/{self.wanted['red']})  "
            f"AMBER recall {ask:.3f} ({self.reached['ask']}/{self.wanted['ask']})  "
            f"false alarms {self.false_alarms:.3f} ({self.alarmed}/{self.quiet})  "
            f"RED where AMBER would do {self.overdone}/{self.wanted['ask']}"
        )


def sentences(name: str) -> Iterator[Sentence]:
    """Yield the sentences of one file of the corpus."""
    for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield Sentence(**json.loads(line))


def scores(corpus: Iterable[Sentence], protocol: Protocol) -> dict[str, Score]:
    """Return the scores by language, and of all."""
    table: dict[str, Score] = defaultdict(Score)
    for sentence in corpus:
        heard = read(sentence.text, protocol)
        for language in {LANGUAGE[sentence.lang], sentence.lang, "all"}:
            _count(table[language], sentence, heard)
    return dict(table)


def _count(score: Score, sentence: Sentence, heard: Heard) -> None:
    if heard.act != sentence.act:
        score.wrong.append((sentence, heard))
    if sentence.act == "queue":
        score.quiet += 1
        score.alarmed += heard.act != "queue"
        return
    score.wanted[sentence.act] += 1
    score.reached[sentence.act] += RANK[heard.act] >= RANK[sentence.act]
    score.overdone += sentence.act == "ask" and heard.act == "red"


def main(name: str, *, tell: bool) -> None:
    """Print the scores; with `tell`, the sentences that are read otherwise than labelled."""
    table = scores(sentences(name), load_protocol())
    for language, score in sorted(table.items()):
        print(f"{name} {language:7} {score}")
    for sentence, heard in table["all"].wrong if tell else ():
        found = ", ".join(f"{f.hazard}:{f.phrase}:{f.status}" for f in heard.findings)
        print(f"  {sentence.act} → {heard.act}  {sentence.text}  [{found}]")


if __name__ == "__main__":
    main(*(sys.argv[1:2] or ["held_out"]), tell="--tell" in sys.argv)
