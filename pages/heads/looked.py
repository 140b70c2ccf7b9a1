"""One text as the model read it, with all that the Attention page says about it."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpora.labels import negated
from pages import feedback, jobs, selection
from views.attention import sentences
from views.attention.canvas import Overview, thumbnail
from views.numbers import plain_number

if TYPE_CHECKING:
    from analysis.attention import Attention, Glance, HeadProfiles, Part
    from models.transformer import TransformerClassifier
    from pages.pins import Draw

_KEPT = selection.Kept(4)
#: Seconds that a page waits for a text's attention before it shows progress and the way out.
_PATIENCE = 2.0


@dataclass(frozen=True)
class Looked:
    """One text, its attention weights and what follows from them; shared by all who look at the text."""

    text: str
    attention: "Attention"
    seen: "Glance"
    model: str

    def made_ready(self) -> "Looked":
        """The same, with all that the first picture needs worked out."""
        _ = self.overview, self.notes, self.attention.part == "cross" or self.flow
        return self

    @property
    def found(self) -> "HeadProfiles":
        """What each head looks at."""
        return self.seen.profiles

    @cached_property
    def overview(self) -> Overview:
        """Thumbnails of all heads."""
        return Overview.shaded(self.seen.small)

    @cached_property
    def deeds(self) -> list[list[str]]:
        """What each head does, layer by layer, in words."""
        heads = range(self.attention.heads)
        return [[self.does(i, j) for j in heads] for i in range(self.attention.layers)]

    @cached_property
    def notes(self) -> list[list[str]]:
        """The same, each beginning with the head's name."""
        return [
            [f"Layer {i + 1}, head {j + 1} {does}" for j, does in enumerate(row)]
            for i, row in enumerate(self.deeds)
        ]

    def does(self, layer: int, head: int) -> str:
        """What one head (from 0) does, in words."""
        source, target = self.seen.strongest[layer, head].tolist()
        readers = self.attention.readers or self.attention.tokens
        weight = float(self.seen.strength[layer, head])
        link = (selection.plain(readers[source], 24), self.token(target), weight)
        return sentences.head_does(*self.found.pattern(layer, head), link)

    def token(self, position: int) -> str:
        """An untrusted token, short enough for a sentence."""
        return selection.plain(self.attention.tokens[position], 24)

    def tally(self, where: str, layers: range) -> str:
        """How many heads of some layers do what, in words."""
        heads = range(self.attention.heads)
        return sentences.tally(where, Counter(self.found.pattern(i, j)[0] for i in layers for j in heads))

    @cached_property
    def word_shares(self) -> list[tuple[int, int, float]]:
        """By rollout, each word's (start, end, share) in what the classifier reads."""
        return self._by_word(self.seen.reached)

    @cached_property
    def word_flows(self) -> list[tuple[int, int, float]]:
        """The same by attention flow, for short texts."""
        from analysis.attention import flow_to_answer

        return self._by_word(flow_to_answer(self.attention))

    def _by_word(self, shares: NDArray[np.float64]) -> list[tuple[int, int, float]]:
        from analysis.words import words_of

        words = words_of(self.attention, self.text)
        return [(word.start, word.end, float(shares[list(word.tokens)].sum())) for word in words]

    @cached_property
    def flow(self) -> str:
        """What reaches the classifier by rollout, in words."""
        return self.reaching(self.word_shares, "rollout")

    def reaching(self, words: list[tuple[int, int, float]], by: str) -> str:
        """What reaches the classifier, in words, where each word's (start, end, share) is known."""
        pooled = self.attention.pooled
        by_form: dict[str, float] = defaultdict(float)
        for start, end, share in words:
            by_form[self.text[start:end].casefold()] += share
        largest = sorted(by_form.items(), key=lambda item: -item[1])[:2]
        return sentences.flow(
            None if pooled is None or self.attention.part == "decoder" else self.token(pooled),
            [(selection.plain(word, 24), share) for word, share in largest],
            1 - sum(by_form.values()),
            by,
        )

    @property
    def stem(self) -> str:
        """How the names of this text's files begin."""
        return file_name(f"attention {self.model} {selection.text_fingerprint(self.text)}")


@dataclass(frozen=True)
class Shown:
    """What a view leaves behind: the answer, what part it shows with which settings, a page of its own if it
    is one, and how to draw it anew where it is pinned."""

    lead: str
    part: str = ""
    page: str = ""
    again: "Draw | None" = None


def file_name(text: str) -> str:
    """Letters, digits and hyphens only."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def said_to(model: "TransformerClassifier", texts: list[str]) -> list[tuple[str, float | None]]:
    """What a model answers to each text, and how sure it is; of a number, which has no such thing, None.

    Where each label holds or does not by itself: whether the one does that is likeliest for the first text.
    """
    answers = model.answers(model.logits(texts))
    label = int(answers[0].argmax())
    if model.answering == "number":
        return [(plain_number(row[label]), None) for row in answers.tolist()]
    if model.answering == "choice":
        chosen = [(int(row.argmax()), float(row.max())) for row in answers]
        return [(selection.plain(model.labels[index], 40), share) for index, share in chosen]
    name = model.labels[label]
    sides = (
        (name, share) if share > 0.5 else (negated(name), 1 - share) for share in answers[:, label].tolist()
    )
    return [(selection.plain(said, 40), share) for said, share in sides]


def look(model: "TransformerClassifier", text: str, part: "Part", place: str = "text") -> Looked | None:
    """One text's attention, computed once for all who ask (75 MB at 512 tokens and 6 layers of 12 heads).

    It is computed in the background; None until it is there. `place` names this text on the page.
    Call it in a run begun with `jobs.begin_run`.
    """
    key = ("attention", model.fingerprint, str(model.device), text, part)

    def work(report: jobs.Report) -> Looked:
        from analysis.attention import attend, glance

        # A long text's layers are counted twice: read, and looked at.
        found = attend(model, text, part, lambda done, total: report(done, 2 * total))
        layers = found.layers
        side = thumbnail(layers, found.heads, len(found.tokens))
        seen = glance(found, side, lambda done, total: report(layers + done, 2 * total))
        return Looked(text, found, seen, model.name).made_ready()

    job = jobs.job_of(key, work, among=_KEPT)
    if not job.finished:
        with feedback.skeleton(360):
            job.wait(_PATIENCE)
    return jobs.outcome(job, "Looking at every head", key=f"look.{place}")
