"""The outcome of a suite of checks as escaped HTML: failure rates by capability and test, failing cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from views.charts.drops import CSS as BARS
from views.charts.drops import interval_bar
from views.numbers import grouped, percent
from views.tokens import marked_change

_CSS = (
    """<style>
.assay-checks{overflow-x:auto}
.assay-checks table{border-collapse:collapse;width:100%;font-size:.92rem;line-height:1.4;
  font-variant-numeric:tabular-nums}
.assay-checks th{text-align:left;font-weight:400;padding:.32rem .7rem .32rem 0;overflow-wrap:anywhere}
.assay-checks thead th{font-weight:600;white-space:nowrap;color:var(--assay-muted);
  border-bottom:1px solid var(--assay-text)}
.assay-checks td{padding:.32rem .7rem .32rem 0;white-space:nowrap}
.assay-checks .number{text-align:right}
.assay-checks tbody tr{border-bottom:1px solid var(--assay-border)}
.assay-checks .capability th,.assay-checks .capability td{font-weight:600;padding-top:.8rem}
.assay-checks .test th{padding-left:1.1rem;min-width:12rem}
.assay-checks .kind{color:var(--assay-muted)}
.assay-checks .range-text{color:var(--assay-muted);font-size:.86em;font-weight:400}
.assay-checks .fails{color:var(--assay-failure);font-weight:650}
.assay-failing details{border-top:1px solid var(--assay-border);padding:.45rem 0}
.assay-failing summary{cursor:pointer;line-height:1.5;overflow-wrap:anywhere}
.assay-failing summary span{color:var(--assay-muted);font-variant-numeric:tabular-nums}
.assay-failing .case{display:grid;grid-template-columns:minmax(0,1fr) minmax(11rem,16rem);gap:.2rem 1.4rem;
  padding:.5rem 0 .5rem 1.1rem}
.assay-failing .case+.case{border-top:1px dotted var(--assay-border)}
.assay-failing .case p{margin:0;font-size:.9rem;line-height:1.5;overflow-wrap:anywhere}
.assay-failing .assay-passage{line-height:1.6;overflow-wrap:anywhere}
[class*="st-key-assay-checks-text"] textarea{font-family:var(--assay-mono);font-size:.86rem}
@media (max-width:700px){.assay-failing .case{grid-template-columns:minmax(0,1fr)}}
"""
    + f"{BARS}</style>"
)


@dataclass(frozen=True)
class Line:
    """A capability or a test: how many of its cases failed, the rate and its interval (shares)."""

    name: str
    kind: str
    cases: int
    failures: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Failing:
    """A failing case: its one or two texts, what was expected, and the answer to each text in words."""

    texts: Sequence[str]
    expected: str
    answers: Sequence[str]


def css() -> str:
    """The `<style>` element for what this file makes; colours are the variables of `views.style.css`."""
    return _CSS


def table(capabilities: Iterable[tuple[Line, Sequence[Line]]]) -> str:
    """Every capability with its tests below it: cases, failures, and the failure rate on one scale."""
    rows = "".join(
        _row(capability, "capability") + "".join(_row(test, "test") for test in tests)
        for capability, tests in capabilities
    )
    return (
        '<div class="assay-checks" role="region" aria-label="Failure rates" tabindex="0"><table><thead><tr>'
        '<th scope="col">Capability and test</th><th scope="col">Type</th>'
        '<th scope="col" class="number">Cases</th><th scope="col" class="number">Failed</th>'
        '<th scope="col" class="number">Failure rate</th>'
        '<th scope="col"><span aria-hidden="true">0 to 100 %</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(line: Line, kind: str) -> str:
    fails = " fails" if line.failures else ""
    share = (
        f'{percent(line.rate)} <span class="range-text">[{100 * line.low:.1f}, {100 * line.high:.1f}]</span>'
    )
    bar = interval_bar(line.rate, line.low, line.high, 0.0, 1.0)
    return (
        f'<tr class="{kind}"><th scope="row">{plain(line.name)}</th><td class="kind">{escape(line.kind)}</td>'
        f'<td class="number">{grouped(line.cases)}</td>'
        f'<td class="number{fails}">{grouped(line.failures)}</td>'
        f'<td class="number">{share if line.cases else "–"}</td><td>{bar if line.cases else ""}</td></tr>'
    )


def failing(tests: Iterable[tuple[Line, Sequence[Failing]]]) -> str:
    """The failing cases of each test, folded away; of more than are given the count is told."""
    items = []
    for test, cases in tests:
        some = "" if len(cases) == test.failures else f", {len(cases)} shown"
        items.append(
            f"<details><summary>{plain(test.name)} <span>{grouped(test.failures)} of {grouped(test.cases)}"
            f"{some}</span></summary>{''.join(map(_case, cases))}</details>"
        )
    return f'<div class="assay-failing">{"".join(items)}</div>'


def _case(case: Failing) -> str:
    first, *rest = case.texts
    marked = marked_change(first, rest[0]) if rest else marked_change(first, first)[:1]
    answers = " → ".join(f"<b>{plain(answer)}</b>" for answer in case.answers)
    return (
        f'<div class="case"><div>{"".join(marked)}</div>'
        f"<p>expected {plain(case.expected)}<br>got {answers}</p></div>"
    )


def plain(text: str) -> str:
    """Untrusted text; one written from right to left does not turn its neighbours round."""
    return f"<bdi>{escape(text.encode('utf-8', 'replace').decode())}</bdi>"
