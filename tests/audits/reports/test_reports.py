import csv
import io
import itertools
import json
import re
from dataclasses import astuple, replace
from html.parser import HTMLParser

import pytest

from attacks.recipes import RECIPES
from audits import reports
from audits.reports.wording import spoken
from audits.rows import CLEAN, Row
from audits.summary import Summary, summarise
from tests.audits.reports.doubles import written
from tests.audits.test_summary import CASING_3, CLEAN_RIGHT, audit, row, verdicts

HOSTILE = "<img src=x onerror=alert(1)></script>"


class Document(HTMLParser):
    """Everything that a document names, and whether its tags close."""

    VOID = ("meta", "br")

    def __init__(self):
        super().__init__()
        self.tags, self.links, self.open, self.text = [], [], [], []
        self.ids = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        self.links += [values[name] for name in ("src", "href", "srcset", "data", "action") if name in values]
        self.ids += [values["id"]] if "id" in values else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    document = Document()
    document.feed(html)
    document.close()
    assert document.open == []
    return document


@pytest.fixture
def rows():
    attack = [
        row(
            index,
            "deepwordbug",
            status="succeeded" if index % 2 else "failed",
            says="negative" if index % 2 else "positive",
            queries=20,
        )
        for index in range(50)
    ]
    return [*verdicts(CLEAN, 0, CLEAN_RIGHT), *verdicts("casing", 3, CASING_3), *attack]


def test_the_html_stands_alone(rows):
    html = written(audit(), rows, "html")
    document = read(html)
    assert document.links == []
    assert not re.findall(r"url\(|@import|//[a-z]", html)
    assert not {"script", "link", "iframe", "img", "object", "base"} & set(document.tags)
    assert len(html.encode()) < 2_000_000
    assert len(document.ids) == len(set(document.ids))


def test_the_html_can_be_read_by_everybody(rows):
    html = written(audit(), rows, "html")
    document = read(html)
    assert document.tags.count("h1") == 1
    levels = [int(tag[1]) for tag in document.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert '<html lang="en">' in html and 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html and "@media print" in html
    for picture in re.findall(r"<svg[^>]*>", html):
        assert 'aria-hidden="true"' in picture or 'role="img"' in picture
    assert "<title " in html and "<desc " in html


def test_headings_stand_in_order(rows):
    for html in (written(audit(), rows), written(*many_noises(10, [True] * 10))):
        levels = [int(tag[1]) for tag in read(html).tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_html_says_what_the_summary_says(rows):
    summary = summarise(audit(), rows)
    text = " ".join(" ".join(read(written(audit(), rows)).text).split())
    for sentence in summary.headline:
        assert " ".join(sentence.split()) in text
    for known in ("keywords", "films", "lusab-babad", "python", "exact McNemar", "Wilson", "abc", "def"):
        assert known in text
    noisy = sum(flip.test == "casing@3" for flip in summary.flips)
    assert f"Random casing, severity 3: 45 of {noisy}" in text
    assert "DeepWordBug" in text


def test_an_unfinished_and_an_empty_audit_have_reports_too(rows):
    assert "This audit is interrupted." in written(audit(state="interrupted"), rows[:210], "html")
    assert "no answers yet" in written(audit(state="failed"), [], "html")


def test_hostile_texts_are_shown_as_text():
    labels = (f"bad {HOSTILE}", "positive")
    rows = [
        row(0, CLEAN, text=HOSTILE, label="positive"),
        row(0, "casing", 3, text=HOSTILE, perturbed=HOSTILE.upper(), says="negative"),
        row(1, "casing", 3, probabilities=(), error=f"odd {HOSTILE}", status="error"),
    ]
    hostile = audit(
        labels=labels,
        model_name=HOSTILE,
        corpus_name=HOSTILE,
        environment={HOSTILE: HOSTILE},
        plan=audit().plan.model_copy(update={"model": HOSTILE, "label_map": {HOSTILE: "x"}}),
    )
    html = written(hostile, rows, "html")
    document = read(html)
    assert not {"img", "script"} & set(document.tags)
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") >= 8
    assert "<img" not in html.lower() and "</script" not in html.lower()


def many_noises(count, right, **texts):
    """The clean answers and every noise of a made-up catalogue at two severities, all answers turned."""
    names = [(f"noise-{number}", level) for number in range(count) for level in (1, 2)]
    rows = verdicts(CLEAN, 0, right)
    for name, level in names:
        rows += verdicts(name, level, [not flag for flag in right], **texts)
    tests = tuple(f"{name}@{level}" for name, level in names)
    return audit(plan=audit().plan.model_copy(update={"tests": tests})), rows


def test_long_audits_stay_small_and_fold_their_details():
    texts = {"text": "word " * 60, "perturbed": "werd " * 60}
    long, rows = many_noises(40, [True] * 100, **texts)
    html = written(long, rows, "html")
    assert len(html.encode()) < 2_000_000
    document = read(html)
    text = " ".join(" ".join(document.text).split())
    # A noise is one line over its severities, one small picture, and one place for its flips.
    assert "noise-3: 3 of 200" in text and "After noise-3, severity 1:" in text
    assert document.tags.count("svg") == 1 + 6 + 40
    assert html.count("<details open") == 1 and "<details open><summary><h3>noise-0" in html
    assert document.tags.count("details") == 4 + 40
    cells = re.findall(r'<td class="number level lost"[^>]*>([^<]*)</td>', html)
    assert cells == ["100.0"] * 80


def test_a_short_audit_shows_its_details_at_once(rows):
    html = written(audit(), rows, "html")
    assert "<details open>" in html and 'class="multiples"' not in html
    summary = summarise(audit(), rows)
    matrix = html[
        html.index('aria-label="Noises"') : html.index("</table>", html.index('aria-label="Noises"'))
    ]
    assert re.findall(r'scope="rowgroup"[^>]*>([^<]*)', matrix) == ["Casing"]
    lost = {
        test.severity for test in summary.tests if test.name == "casing" and (test.p_adjusted or 1) < 0.05
    }
    assert matrix.count("level lost") == len(lost)


def test_a_recipes_variant_is_named(rows, monkeypatch):
    known = RECIPES["deepwordbug"]
    local = replace(known, entry=replace(known.entry, variant="The encoder is <b>MiniLM</b>."))
    monkeypatch.setitem(RECIPES, "deepwordbug", local)
    summary = summarise(audit(), rows)
    for html in (written(audit(), rows), reports.attacks_table(summary)):
        assert ": The encoder is &lt;b&gt;MiniLM&lt;/b&gt;.</p>" in html


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("accuracy", "Accuracy"),
        ("macro_f1 casing@2", "Macro F1, Random casing, severity 2"),
        ("valid success deepwordbug", "Valid success, DeepWordBug"),
        ("accuracy_gap gender female", "Accuracy gap, Gendered words, female"),
        ("drop casing@2 [label=a b]", "Drop, Random casing, severity 2, label=a b"),
        ("something else", "something else"),
    ],
)
def test_a_rule_is_told_in_words(figure, words):
    assert spoken(figure) == words


def test_the_json_holds_every_figure_and_every_row(rows):
    made = written(audit(), rows, "json")
    content = json.loads(made)
    assert content["schema"] == "assay.report/2"
    told, right = Summary.model_validate(content["summary"]), summarise(audit(), rows)
    assert told.examples == right.examples and len(told.tests) == len(right.tests)
    for one, other in zip(told.by_harm, right.by_harm, strict=True):
        assert one.test == other.test and one.drop and other.drop
        assert astuple(one.drop) == pytest.approx(astuple(other.drop), rel=1e-11)
    again = [Row(**values | {"probabilities": tuple(values["probabilities"])}) for values in content["rows"]]
    assert again == rows
    assert written(audit(), again, "json") == made


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_the_csv_cannot_be_run_by_a_spreadsheet(text):
    rows = [row(0, CLEAN, text=text, label="positive"), row(0, "casing", 3, text="x", perturbed=text)]
    table = list(
        csv.DictReader(io.StringIO(written(audit(labels=("=a", "positive")), rows, "csv"), newline=""))
    )
    assert table[0]["text"] == f"'{text}"
    assert table[1]["perturbed"] == f"'{text}"
    assert table[0]["predicted"] == "positive"
    assert float(table[0]["p(positive)"]) == 0.8
    for cells in table:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells.values())


def test_the_csv_has_a_line_for_every_row(rows):
    failed = [*rows, row(199, "casing", 1, probabilities=(), error="odd", status="error")]
    table = list(csv.DictReader(io.StringIO(written(audit(), failed, "csv"), newline="")))
    assert len(table) == len(failed)
    assert table[-1]["error"] == "odd" and table[-1]["predicted"] == ""


def test_slices_stand_in_the_report_and_columns_are_only_text(rows):
    """The data's other columns are a stranger's: their names and values too."""
    clean = [made for made in rows if made.test == CLEAN]
    columns = {
        made.example: {HOSTILE: "<b>odd</b>" if place % 3 else "plain"} for place, made in enumerate(clean)
    }
    html = written(audit(), rows, "html", metadata=columns)
    document = read(html)
    assert "Where it is weak" in "".join(document.text)
    assert HOSTILE in document.text and "<b>odd</b>" in document.text and "b" not in document.tags
    content = json.loads(written(audit(), rows, "json", metadata=columns))
    assert content["metadata"] == columns
    known = summarise(audit(), rows, metadata=columns).slices.known
    assert known and len(content["summary"]["slices"]["known"]) == len(known)
