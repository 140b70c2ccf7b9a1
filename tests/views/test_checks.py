import re
from html import unescape

from views import checks
from views.checks import Failing, Line

HOSTILE = "<img src=x onerror=alert(1)>"


def line(name="Negation", kind="MFT", cases=40, failures=10):
    return Line(name, kind, cases, failures, failures / max(cases, 1), 0.14, 0.4)


def test_every_capability_stands_above_its_tests():
    html = checks.table([(line("Words", ""), [line("One"), line("Two", failures=0)])])
    names = re.findall(r'<tr class="(\w+)"><th scope="row"><bdi>(\w+)', html)
    assert names == [("capability", "Words"), ("test", "One"), ("test", "Two")]
    assert "25.0 %" in html and "[14.0, 40.0]" in html
    assert re.findall(r'class="number( fails)?">(\d+)</td><td class="number">\d+\.', html) == [
        (" fails", "10"), (" fails", "10"), ("", "0")]  # fmt: skip


def test_a_test_without_answers_has_no_rate():
    html = checks.table([(line(cases=0, failures=0), [])])
    assert "–" in html and "%" not in html.split("<tbody>")[1]


def test_failing_cases_are_folded_and_changes_are_marked():
    case = Failing(["a good film", "a dull film"], "the same label", ["positive (90 %)", "negative (80 %)"])
    html = checks.failing([(line(failures=3), [case])])
    assert html.count("<details>") == 1 and "<details open" not in html
    assert "10 of 40" not in html and "3 of 40, 1 shown" in html
    assert "<del>" in html and "<ins>" in html
    assert "positive (90 %)</bdi></b> → <b><bdi>negative (80 %)" in html
    assert "shown" not in checks.failing([(line(failures=1), [case])])


def test_everything_untrusted_is_escaped():
    case = Failing([HOSTILE, f"{HOSTILE} \ud800"], HOSTILE, [HOSTILE])
    html = checks.table([(line(HOSTILE, HOSTILE), [])]) + checks.failing([(line(HOSTILE), [case])])
    assert "<img" not in html
    assert html.count(HOSTILE.replace("<", "&lt;").replace(">", "&gt;")) >= 4
    assert HOSTILE in unescape(html)
    html.encode()
