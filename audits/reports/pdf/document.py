"""The parts of a report on paper, in the order in which a board reads them."""

from audits.reports import board
from audits.reports.flips import by_test
from audits.reports.fragments import most_harmful
from audits.reports.material import Material
from audits.reports.pdf import pictures, rules
from audits.reports.pdf.page import BODY, HEADING, LEAD, LINE, SMALL, Paper, colour
from audits.reports.prose import facts, method
from audits.reports.sections import Section, Table
from audits.reports.wording import evidence
from audits.rows import CLEAN
from audits.statistics import Estimate
from audits.summary import Flip, Summary, TestFigures, p_value, signed, titled
from views.numbers import grouped, percent, rate

#: Flipped examples on paper, shared out between the tests, and the characters of a text shown at most.
FLIPS, LONGEST = 18, 600
#: Millimetres that the beginning of one takes.
FLIP_ROOM = 24


def as_pdf(material: Material) -> bytes:
    """The report as a PDF of A4 pages; the same rows give the same bytes with the same fpdf2."""
    summary = material.summary
    paper = Paper(f"{summary.model_name} on {summary.corpus_name}, audit {summary.id}", summary.created)
    _opening(paper, material)
    for section in material.sections:
        if section.opens:
            _section(paper, section)
    if summary.tests:
        _costs(paper, summary)
    if summary.curves:
        shown = most_harmful(summary)
        paper.heading("Accuracy against severity", room=HEADING + pictures.height(shown))
        pictures.curves(paper, shown)
        said = (
            "Each point is one severity, placed at the share of characters that was really edited; bands are "
        )
        more = "All points stand as numbers under “What each test costs”."
        paper.paragraph(f"{said}95 % intervals of the accuracy. {more}", SMALL, "muted")
    if summary.slices.known or summary.sliced:
        _slices(paper, summary)
    if summary.unequal:
        _gaps(paper, summary)
    for section in material.sections:
        if not section.opens:
            _section(paper, section)
    _attacks(paper, summary)
    _groups(paper, summary)
    _flips(paper, material)
    if material.verdict and material.verdict.of("pass"):
        paper.heading("Rules that are met")
        rules.listed(paper, material.verdict.of("pass"))
    _closing(paper, summary)
    return bytes(paper.output())


def _opening(paper: Paper, material: Material) -> None:
    summary, verdict = material.summary, material.verdict
    paper.type(BODY, "accent", "B")
    paper.cell(0, 5, "Robustness report", new_x="LMARGIN", new_y="NEXT")
    paper.type(19, style="B")
    title = paper.legible(f"{summary.model_name} on {summary.corpus_name}")
    paper.multi_cell(0, 19 * LINE * 0.85, title, align="L", new_x="LMARGIN")
    paper.ln(2)
    if verdict:
        rules.box(paper, verdict)
    paper.paragraph(summary.headline[0], LEAD)
    last = summary.plan.seed + summary.plan.seeds - 1
    seeds = f"seeds {summary.plan.seed} to {last}" if summary.redrawn else f"seed {summary.plan.seed}"
    about = (
        f"{grouped(summary.examples)} examples, {len(summary.tests)} tests, {grouped(summary.rows)} rows, "
        f"{seeds}. Audit {summary.id}, begun {summary.created[:10]}."
    )
    paper.paragraph(about, SMALL, "muted")
    if summary.state != "finished":
        left = f"{grouped(summary.rows)} of {grouped(summary.expected)} rows are there"
        paper.paragraph(f"This audit is {summary.state}: {left}; the figures may still move.", style="B")
    known = board.findings(summary, verdict)
    if known:
        paper.heading(f"{('One thing', 'Two things', 'Three things')[len(known) - 1]} a board must know")
    for number, one in enumerate(known, start=1):
        if paper.will_page_break(18):
            paper.add_page()
        top = paper.get_y()
        paper.set_draw_color(*colour("accent"))
        paper.set_line_width(0.4)
        paper.circle(paper.l_margin + 3.2, top + 3.4, 3.1)
        paper.type(BODY, "accent", "B")
        paper.set_xy(paper.l_margin, top + 0.9)
        paper.cell(6.4, 5, str(number), align="C")
        paper.set_xy(paper.l_margin, top)
        paper.paragraph(one.title, 10.5, style="B", indent=10)
        paper.paragraph(one.sentence, 10.5, indent=10)
        paper.ln(1.2)
    if verdict and verdict.rules:
        rules.table(paper, verdict)


def _loss(drop: Estimate) -> str:
    return f"{signed(drop.value)} [{signed(drop.low)}, {signed(drop.high)}]"


def _rated(estimate: Estimate | None) -> str:
    return rate(estimate.value, estimate.low, estimate.high, estimate.count) if estimate else "–"


def _costs(paper: Paper, summary: Summary) -> None:
    paper.heading("What each test costs")
    said = (
        "Points of accuracy lost on the same examples, with 95 % intervals. Bold: a loss beyond chance "
        "also among so "
        "many tests (p below 0.05 after Holm's correction)."
    )
    paper.paragraph(said, SMALL, "muted")
    pictures.drops(paper, summary.tests)
    tests = [test for test in summary.tests if test.drop]
    paper.grid(
        ("Test", "Clean", "Under test", "Drop in points", "Seen from", "p (Holm)", "Edited", "Rows"),
        [_cost(test) for test in tests],
        (38, 11, 11, 24, 10, 11, 10, 10),
        bold=lambda line, column: column == 3 and tests[line].is_lost,
    )
    if summary.reach:
        said = "“Seen from” is that drop for each test. “Edited” is the share of characters."
        paper.paragraph(f"{summary.reach} {said}", SMALL, "muted")
    for test in summary.tests:
        if test.variant:
            paper.paragraph(f"{test.title}: {test.variant}", SMALL, "muted")
        if not test.flips:
            paper.paragraph(f"{test.title} {test.kept}; it counts nowhere as lost accuracy.", SMALL, "muted")


def _cost(test: TestFigures) -> tuple[str, ...]:
    if not (test.drop and test.accuracy and test.clean_accuracy):
        return (titled(test), "–", "–", "–", "–", "–", percent(test.characters_edited), grouped(test.rows))
    return (
        titled(test),
        percent(test.clean_accuracy.value),
        percent(test.accuracy.value),
        _loss(test.drop),
        signed(test.detectable) if test.detectable is not None else "–",
        p_value(test.p_adjusted),
        percent(test.characters_edited),
        grouped(test.paired),
    )


def _slices(paper: Paper, summary: Summary) -> None:
    found = summary.slices
    paper.heading("Where it is weak")
    if summary.sliced:
        _named_slices(paper, summary)
    if found.known:
        paper.paragraph(found.sentence)
    if found.confirmed:
        said = (
            f"Found in one half of the examples among {grouped(found.tried)} conditions and pairs, "
            "confirmed by the other:"
        )
        paper.paragraph(said, SMALL, "muted")
        paper.grid(
            ("Texts that share", "Answers", "Accuracy there", "Elsewhere", "p (Holm)"),
            [
                (" and ".join(one.conditions), one.outcome, _rated(one.accuracy), percent(one.rest.value),
                 p_value(one.p_adjusted))
                for one in found.confirmed
            ],
            (42, 18, 38, 14, 12),
        )  # fmt: skip
    weak = [one for one in found.known if one.weak or one.weak_under_noise]
    if weak:
        said = (
            "Known slices that are weaker than the other examples beyond chance (bold, after Holm's "
            "correction):"
        )
        paper.paragraph(said, SMALL, "muted")
        paper.grid(
            ("Slice", "Unchanged", "Under noise"),
            [(f"{one.by}: {one.value}", _rated(one.clean), _rated(one.noisy)) for one in weak],
            (50, 36, 36),
            bold=lambda line, column: (
                (column == 1 and weak[line].weak) or (column == 2 and weak[line].weak_under_noise)
            ),
        )


def _named_slices(paper: Paper, summary: Summary) -> None:
    said = "The parts of the data that the plan names: the accuracy there, and the test that costs most."
    paper.paragraph(said, SMALL, "muted")
    titles = {test.test: titled(test) for test in summary.tests}
    worst = [(one, summary.worst_in(one.slice)) for one in summary.sliced if one.test == CLEAN]
    paper.grid(
        ("Slice", "Unchanged", "Costs most there", "Drop in points"),
        [
            (
                one.slice,
                _rated(one.accuracy) if one.accuracy.count else "no example",
                titles[there.test] if there else "–",
                _loss(there.drop) if there and there.drop else "–",
            )
            for one, there in worst
        ],
        (26, 36, 36, 26),
    )


def _gaps(paper: Paper, summary: Summary) -> None:
    paper.heading("Does noise widen gaps between groups?")
    paper.paragraph(summary.unequal)
    if not summary.gaps:
        return
    shown = summary.widest_gaps
    said = (
        "A gap is the accuracy of a group's texts minus that of the others', in points. Bold: a change "
        f"beyond chance among all {len(summary.gaps)} gaps"
    )
    all_or_most = (
        f", of which the {len(shown)} that change most are shown." if len(shown) < len(summary.gaps) else "."
    )
    paper.paragraph(said + all_or_most, SMALL, "muted")
    paper.grid(
        ("Noise", "Group", "Gap before", "Under noise", "Change", "Examples, others"),
        [
            (
                gap.title,
                gap.written,
                _loss(gap.clean),
                _loss(gap.noisy),
                _loss(gap.change),
                f"{grouped(gap.members)}, {grouped(gap.others)}",
            )
            for gap in shown
        ],
        (22, 32, 20, 20, 20, 12),
        bold=lambda line, column: column == 4 and shown[line].changes,
    )


def _section(paper: Paper, section: Section) -> None:
    paper.heading(section.title)
    for sentence in section.sentences:
        paper.paragraph(sentence)
    for table in section.tables:
        _table(paper, table)


def _table(paper: Paper, table: Table) -> None:
    if table.title:
        paper.heading(table.title, 2)
    others = [60 / max(1, len(table.columns) - 1)] * (len(table.columns) - 1)
    paper.grid(table.columns, table.lines, (40, *others))


def _attacks(paper: Paper, summary: Summary) -> None:
    attacks = [test for test in summary.tests if test.kind == "attack" and test.success]
    if not attacks:
        return
    paper.heading("Attacks")
    said = (
        "An attack searches for a change that turns the answer; it can only attack what was answered right."
    )
    counts = f"A success is valid with {summary.thresholds.sentence}; what people decided outweighs that."
    paper.paragraph(f"{said} {counts}", SMALL, "muted")
    paper.grid(
        ("Attack", "Success rate", "Valid only", "Accuracy, valid only", "Words changed", "Queries"),
        [
            (
                test.title,
                _rated(test.success),
                _rated(test.validity.success) if test.validity else "–",
                _rated(test.validity.accuracy) if test.validity else "–",
                percent(test.effort.words.value, 0) if test.effort and test.effort.words else "–",
                f"{test.effort.queries.value:.0f}" if test.effort and test.effort.queries else "–",
            )
            for test in attacks
        ],
        (24, 25, 25, 25, 12, 11),
    )


def _groups(paper: Paper, summary: Summary) -> None:
    tests = [test for test in summary.tests if test.kind == "counterfactual"]
    if not tests:
        return
    paper.heading("Counterfactuals")
    said = (
        "The same text about somebody else should get the same answer. Gaps compare the same pairs of texts."
    )
    paper.paragraph(said, SMALL, "muted")
    lines = [
        (
            f"{test.title}: answers that turn",
            _rated(test.groups.flip_rate) if test.groups else "no text names a group",
            "",
        )
        for test in tests
    ]
    lines += [
        (f"{test.title}: texts about {gap.group}", _rated(gap.accuracy), _loss(gap.difference))
        for test in tests
        for gap in (test.groups.gaps if test.groups else ())
    ]
    paper.grid(("Counterfactual", "Share", "Accuracy gap in points"), lines, (52, 40, 32))


def _flips(paper: Paper, material: Material) -> None:
    summary = material.summary
    found = by_test(summary)
    if not found:
        return
    paper.heading("Examples that flipped")
    said = "Answered right before the test and wrong under it. Bold: the words that changed. "
    explained = material.explanations
    why = (
        f"Word scores by {explained.title}."
        if explained.texts
        else f"Word scores are missing: {explained.missing}"
    )
    paper.paragraph(said + why, SMALL, "muted")
    share = max(1, FLIPS // len(found))
    for title, flips in list(found.items())[:FLIPS]:
        paper.heading(f"{title}: {min(share, len(flips))} of {grouped(len(flips))}", 2, room=FLIP_ROOM + 12)
        for flip in flips[:share]:
            _flip(paper, material, flip)


def _flip(paper: Paper, material: Material, flip: Flip) -> None:
    if paper.will_page_break(FLIP_ROOM):
        paper.add_page()
    for name, text, other, answer, sure in (
        ("Before", flip.text, flip.perturbed, flip.label, flip.confidence_before),
        ("After", flip.perturbed, flip.text, flip.predicted, flip.confidence_after),
    ):
        paper.paragraph(f"{name}: {answer}, {percent(sure, 0)}", SMALL, "muted")
        paper.changed(text[:LONGEST], other[:LONGEST])
    words = material.explanations.of(flip)
    if words:
        for name, one in zip(("Before", "After"), words, strict=True):
            strongest = sorted(one.spans, key=lambda span: -abs(span[2]))[:5]
            told = ", ".join(
                f"{one.text[start:end]} ({signed_score(score)})" for start, end, score in strongest
            )
            paper.paragraph(
                f"{name}, what spoke for {one.target} (+) or {one.contrast} (−): {told}", SMALL, "muted"
            )
    if flip.valid is not None:
        paper.paragraph(evidence(flip, valid=flip.valid, mark=flip.mark), SMALL, "muted")
    paper.ln(1.5)


def signed_score(score: float) -> str:
    """A word's score as `+0.83`, with a true minus."""
    return f"{score:+.2f}".replace("-", "\u2212")


def _closing(paper: Paper, summary: Summary) -> None:
    paper.heading("Method and limits")
    for paragraph in method(summary):
        paper.paragraph(paragraph)
    paper.heading("What was tested, and with what")
    for name, value in facts(summary):
        if paper.will_page_break(8):
            paper.add_page()
        top = paper.get_y()
        paper.type(SMALL, "muted")
        paper.cell(38, SMALL * LINE, paper.cut(name, 37))
        paper.set_xy(paper.l_margin, top)
        paper.paragraph(value, SMALL, indent=40)
    paper.ln(2)
    paper.paragraph(f"Recompute it: {summary.plan.command}", SMALL, "muted")
    if paper.replaced:
        said = (
            "Characters that this file's fonts lack, or that cannot be seen, stand as [U+…], their code "
            "point; the "
        )
        paper.paragraph(f"{said}HTML report shows them as they are.", SMALL, "muted")
