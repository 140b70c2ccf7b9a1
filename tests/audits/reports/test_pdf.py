"""The PDF: whatever the texts hold, nothing crashes and no letter is lost without a word."""

import re
import zlib

import pytest

from audits.reports.pdf import letters
from audits.reports.pdf.page import Paper
from tests.audits.reports.doubles import written
from tests.audits.test_summary import audit, row, verdicts

STRANGE = {
    "hebrew": "הסרט היה נפלא, ממש 10/10",
    "arabic": "كان الفيلم رائعا جدا",
    "chinese": "这部电影非常好看而且演员很棒",
    "emoji": "loved it 😀👍🏽",
    "hidden": "ze\u200bro \u202ewidth",
    "half": "half \ud83d a pair",
    "markup": "**bold** __under__ <b>x</b> {nb}",
    "long": "a" * 800,
}


def rows_of(text):
    clean = verdicts("clean", 0, [True] * 30, text=text, perturbed=text)
    under = verdicts("casing", 3, [place > 10 for place in range(30)], text=text, perturbed=text[::-1])
    return [*clean, *under]


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_any_text_can_be_printed(text):
    data = written(audit(model_name=text, environment={text: text}), rows_of(text), "pdf")
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")


def test_no_text_stands_for_the_number_of_pages():
    paper = Paper("{nb}", "2026-01-02T03:04:05+00:00")
    paper.paragraph("{nb}")
    assert letters.shown("{nb}")[0] == "{nb}" and paper.str_alias_nb_pages == ""
    assert b"%PDF" in bytes(paper.output())


def test_words_stay_whole_where_the_marks_change(monkeypatch):
    paper, cells = Paper("x", "2026-01-02T03:04:05+00:00"), []

    def cell(width, height, text, **more):
        cells.append(text)
        assert paper.x + paper.get_string_width(text) < paper.w - paper.r_margin + 1
        paper.x += width

    monkeypatch.setattr(paper, "cell", cell)
    words = [f"word{place}" for place in range(200)]
    paper.changed(" ".join(words), " ".join(word if place % 3 else "x" for place, word in enumerate(words)))
    assert cells == words


def test_the_same_rows_give_the_same_file_and_it_needs_no_other():
    rows = rows_of("a plain text")
    data = written(audit(), rows, "pdf")
    assert written(audit(), rows, "pdf") == data
    assert b"/URI" not in data and b"/JavaScript" not in data and b"/EmbeddedFile" not in data
    assert re.search(rb"/Lang \(?en", data) and b"/Outlines" in data
    fonts = set(re.findall(rb"/BaseFont /(\S+)", data))
    assert fonts and all(b"Plex" in name for name in fonts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve – Жук λ ≤ −3", "naïve – Жук λ ≤ −3"),
        ("good 👍", "good [U+1F44D]"),
        ("ze\u200bro", "ze[U+200B]ro"),
        ("\ud83d", "[U+D83D]"),
        ("这部电影非常好", "[U+8FD9 and 6 more]"),
        ("שלום", "שלום"),
        ("a\n\tb", "a b"),
    ],
)
def test_what_the_fonts_lack_is_told_by_its_code_point(text, shown):
    assert letters.shown(text) == (shown, shown != text and "[U+" in shown)


def test_every_letter_that_is_shown_has_a_glyph():
    for text in STRANGE.values():
        made, _ = letters.shown(text)
        has = letters.covered(letters.family(text)) | letters.covered("plex")
        assert {ord(letter) for letter in made} <= has


def test_all_parts_of_a_report_are_there():
    rows = [*rows_of("a plain text"), row(0, "deepwordbug", status="succeeded", says="negative")]
    data = written(audit(), rows, "pdf")
    outline = b"".join(
        zlib.decompress(found) if found[:1] == b"\x78" else found
        for found in re.findall(rb"/Title \((.*?)\)\n", data, re.DOTALL)
    ).replace(b"\x00", b"")
    for heading in (
        b"board must know",
        b"What each test costs",
        b"Examples that flipped",
        b"Method and limits",
    ):
        assert heading in outline


def test_whoever_reads_by_ear_finds_language_title_and_headings():
    data = written(audit(), rows_of("a film"), "pdf")
    assert b"/Lang (en)" in data and b"/DisplayDocTitle true" in data
    # The outline leads to every section and, below it, to each of its parts.
    assert re.search(rb"/Title \(Examples that flipped\)", data)
    assert re.search(rb"/Title \(Random casing, severity 3: \d+ of \d+\)", data)
