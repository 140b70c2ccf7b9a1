"""One text under many tests at once, as escaped HTML: the sentence on top, and a line a test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from views.numbers import percent
from views.outcomes import Tested
from views.tokens import marked_change

_CSS = """<style>
.assay-survey{display:grid;gap:0}
.assay-survey .line{display:grid;grid-template-columns:minmax(9rem,12rem) minmax(0,1fr) minmax(12rem,15rem);
  gap:.3rem 1.4rem;padding:.7rem 0;border-top:1px solid var(--assay-border);align-items:start}
.assay-survey h4{margin:0;padding:0;font-size:.95rem;font-weight:600;line-height:1.4}
.assay-survey p{margin:0;font-size:.84rem;line-height:1.4;color:var(--assay-muted)}
.assay-survey .assay-passage{line-height:1.65;max-height:8.3rem;overflow:auto}
.assay-survey .answer{font-size:.9rem;line-height:1.4;font-variant-numeric:tabular-nums;
  overflow-wrap:anywhere}
.assay-survey .track{position:relative;display:block;height:.5rem;margin:.35rem 0 .3rem;border-radius:2px;
  background:color-mix(in srgb,var(--assay-neutral) 16%,transparent)}
.assay-survey .track i{display:block;height:100%;border-radius:2px;background:var(--assay-neutral)}
.assay-survey .flips .track i{background:var(--assay-failure)}
.assay-survey .track b{position:absolute;top:-.15rem;bottom:-.15rem;width:2px;background:var(--assay-text)}
.assay-survey .turned{font-weight:650;color:var(--assay-failure)}
@media (max-width:1000px){.assay-survey .line{grid-template-columns:minmax(0,1fr) minmax(11rem,14rem)}
  .assay-survey .line>:nth-child(2){grid-column:1/-1;order:3}}
@media (max-width:560px){.assay-survey .line{grid-template-columns:minmax(0,1fr)}}
</style>"""


@dataclass(frozen=True)
class Line:
    """One test of the text: its title, what came of it, and what else there is to say about it."""

    name: str
    title: str
    outcome: Tested
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether it crashed, or the model could not answer."""
        return not self.outcome.probabilities_after

    @property
    def changed(self) -> bool:
        """Whether the text is another one now."""
        return not self.failed and self.outcome.perturbed != self.outcome.text

    @property
    def flips(self) -> bool:
        """Whether the model's answer is another one now."""
        return self.changed and chosen(self.outcome.probabilities_after) != self.asked

    @property
    def asked(self) -> int:
        """The label that the model gives the text before the test: what is watched."""
        return chosen(self.outcome.probabilities_before)

    @property
    def fall(self) -> float:
        """By how much the probability of that label fell."""
        before, after = self.outcome.probabilities_before, self.outcome.probabilities_after
        return before[self.asked] - after[self.asked]


def css() -> str:
    """The `<style>` element for the lines; colours are the variables of `views.style.css`."""
    return _CSS


def probability(value: float) -> str:
    """A probability with one digit, for HTML; one that is not quite 0 or 1 is never written as if it were."""
    if value > 0.9995 or value < 0.0005:
        return "&gt; 99.9 %" if value > 0.5 else "&lt; 0.1 %"
    return percent(value)


def chosen(probabilities: Sequence[float]) -> int:
    """The most probable label, the first of equals."""
    return max(range(len(probabilities)), key=lambda label: probabilities[label])


def ordered(lines: Iterable[Line]) -> list[Line]:
    """The tests that changed the text: flips first, then by how far the answer's probability fell."""
    return sorted((line for line in lines if line.changed), key=lambda line: (not line.flips, -line.fall))


def lead(labels: Sequence[str], lines: Sequence[Line], severity: int) -> str:
    """The sentence on top: how many noises flip the answer, and which does with the smallest change."""
    changed = [line for line in lines if line.changed]
    if not changed:
        return "No noise finds anything to edit in this text."
    before = changed[0].outcome.probabilities_before
    says = f"<b>{plain(labels[chosen(before)])}</b> ({probability(before[chosen(before)])})"
    count = f"{len(changed)} noise{'s' if len(changed) > 1 else ''} at severity {severity}"
    flips = [line for line in changed if line.flips]
    if not flips:
        most = max(changed, key=lambda line: line.fall)
        if most.fall <= 0:
            return f"The answer stays {says} under all of {count}; none makes the model less sure."
        left = probability(most.outcome.probabilities_after[most.asked])
        shaken = f"{plain(most.title)} shakes it most, down to {left}"
        return f"The answer stays {says} under all of {count}; {shaken}."
    least = min(flips, key=lambda line: line.outcome.characters_edited)
    return (
        f"The answer {says} flips under <b>{len(flips)} of {count}</b>; the smallest change that flips it "
        f"is {plain(least.title)}: {percent(least.outcome.characters_edited)} of the characters."
    )


def table(lines: Iterable[Line], labels: Sequence[str]) -> str:
    """A line a test: its title, the changed text, and the model's answers, before and after."""
    return f'<div class="assay-survey">{"".join(_line(line, labels) for line in lines)}</div>'


def _line(line: Line, labels: Sequence[str]) -> str:
    outcome = line.outcome
    name, before, after = (
        plain(labels[line.asked]),
        outcome.probabilities_before[line.asked],
        outcome.probabilities_after[line.asked],
    )
    turned = ""
    if line.flips:
        now = chosen(outcome.probabilities_after)
        turned = (
            f'<span class="turned">flips to {plain(labels[now])} '
            f"{probability(outcome.probabilities_after[now])}</span>"
        )
    edited = f"{percent(outcome.characters_edited)} of characters<br>{percent(outcome.words_edited)} of words"
    note = f"<p>{plain(line.note)}</p>" if line.note else ""
    return (
        f'<div class="line{" flips" if line.flips else ""}"><div><h4>{plain(line.title)}</h4>{note}'
        f"<p>{edited}</p></div>{marked_change(outcome.text, outcome.perturbed)[1]}"
        f'<div class="answer">{name} {probability(before)} → {probability(after)}'
        f'<span class="track" aria-hidden="true"><i style="width:{100 * after:.1f}%"></i>'
        f'<b style="left:calc({100 * before:.1f}% - 1px)"></b></span>{turned}</div></div>'
    )


def plain(text: str) -> str:
    """Untrusted text; a label written from right to left does not turn its neighbours round."""
    return f"<bdi>{escape(text.encode('utf-8', 'replace').decode())}</bdi>"
