"""A large audit's HTML report stays a small file."""

from audits.reports import Material, as_html
from audits.reports.explaining import chosen
from audits.reports.explanations import Explanations, Words
from tests.audits.test_summary import audit, row

#: About as long as a film review.
WORDS = [f"word{place % 7}" for place in range(200)]
NOISES = ("casing", "keyboard-typos", "homoglyphs", "ocr-errors", "added-emoji", "misspellings")


def test_a_thousand_examples_under_thirty_tests_stay_under_two_megabytes():
    text = " ".join(WORDS)
    changed = " ".join(word[::-1] if place % 3 else word for place, word in enumerate(WORDS))
    rows = [row(index, "clean", text=text, perturbed=text) for index in range(1000)]
    for name in NOISES:
        for severity in range(1, 6):
            for index in range(1000):
                says = "negative" if (index + severity) % 3 == 0 else "positive"
                rows.append(row(index, name, severity, text=text, perturbed=changed, says=says))
    tests = tuple(f"{name}@{severity}" for name in NOISES for severity in range(1, 6))
    large = audit(plan=audit().plan.model_copy(update={"tests": tests}))
    material = Material(large, rows)
    spans = tuple((8 * place, 8 * place + 5, 1.0) for place in range(100))
    scores = [
        Words(text=one, target="positive", contrast="negative", spans=spans)
        for flip in chosen(material.summary)
        for one in (flip.text, flip.perturbed)
    ]
    html = as_html(Material(large, rows, explanations=Explanations(texts=tuple(scores), missing="")))
    assert len(material.summary.flips) > 9000 and html.count("<mark ") > 2000
    assert len(html.encode()) < 2_000_000
