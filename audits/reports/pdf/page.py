"""The paper: margins, running lines, headings, paragraphs and tables, in the colours of the light mode."""

from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import SequenceMatcher

from fpdf import FPDF, FontFace, ViewerPreferences
from fpdf.enums import TableBordersLayout, TableCellFillMode

from audits.reports.pdf import letters
from views.numbers import unbroken
from views.style import LIGHT

MARGIN, TOP, BOTTOM = 18.0, 20.0, 18.0
#: Sizes of type in points, and of its lines in millimetres.
BODY, SMALL, LEAD = 9.5, 8.0, 12.0
#: Millimetres of a line for each point of its size.
LINE = 0.3528 * 1.42
#: Millimetres that a section's heading of one line takes.
HEADING = 14.0


def colour(name: str) -> tuple[int, int, int]:
    """A colour of the light palette as red, green and blue."""
    value = getattr(LIGHT, name) if hasattr(LIGHT, name) else name
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


class Paper(FPDF):
    """A document in progress. Every text that is given to it may come from a stranger."""

    def __init__(self, running: str, when: str) -> None:
        super().__init__(format="A4")
        self.running = running
        self.str_alias_nb_pages = ""  # no text of a stranger's stands for the number of pages
        self.replaced = False
        for (name, style), file in letters.FONTS.items():
            self.add_font(name, style, letters.FOLDER / file)
        self.set_fallback_fonts(["plex", "hebrew", "arabic"], exact_match=False)
        self.set_text_shaping(use_shaping_engine=True)
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self.set_creation_date(datetime.fromisoformat(when))
        self.set_producer("Assay")
        self.set_lang("en")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_title(self.legible(running))
        self.type(BODY)
        self.add_page()

    def header(self) -> None:
        """The running line, from the second page on."""
        if self.page_no() == 1:
            return
        self.type(SMALL, "muted")
        self.set_y(9)
        self.cell(0, 5, self.cut(self.running, self.epw))
        self.set_y(TOP)

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-12)
        self.type(SMALL, "muted")
        self.cell(0, 5, str(self.page_no()), align="R")

    def type(self, size: float, tone: str = "text", style: str = "", name: str = "plex") -> None:
        """Sets size, colour and style of what is written next."""
        self.set_font(name, style, size)
        self.set_text_color(*colour(tone))

    def legible(self, text: str) -> str:
        """A text in letters that the fonts have; remembers whether some had to be written as code points."""
        made, replaced = letters.shown(unbroken(text))
        self.replaced = self.replaced or replaced
        return made

    def heading(self, text: str, level: int = 1, room: float = 0) -> None:
        """A heading of a section or of a part of one, as it stands in the outline too.

        It never stands alone at a page's end: `room` millimetres must be left for it and what follows.
        """
        if self.will_page_break(room or (34 if level == 1 else 22)):
            self.add_page()
        else:
            self.ln(5 if level == 1 else 2.5)
        self.start_section(self.legible(text), level=level - 1)
        self.type(13 if level == 1 else 10.5, style="B")
        self.multi_cell(
            0, (13 if level == 1 else 10.5) * LINE, self.legible(text), align="L", new_x="LMARGIN"
        )
        self.ln(1)

    def paragraph(
        self, text: str, size: float = BODY, tone: str = "text", style: str = "", indent: float = 0
    ) -> None:
        """A paragraph, in the direction of its script."""
        made, name = self.legible(text), letters.family(text)
        self.type(size, tone, style if name == "plex" else "", name)
        self.set_x(self.l_margin + indent)
        side = "L" if name == "plex" else "R"
        self.multi_cell(self.epw - indent, size * LINE, made, align=side, new_x="LMARGIN")
        self.ln(0.8)

    def changed(self, text: str, other: str) -> None:
        """A text whose words that are not in the same place of another version stand in bold."""
        if letters.family(text) != "plex":
            self.paragraph(text)
            return
        words, before = text.split(), other.split()
        matcher = SequenceMatcher(None, before, words, autojunk=False)
        flags = [
            kind != "equal" for kind, _, _, start, end in matcher.get_opcodes() for _ in words[start:end]
        ]
        made = [self.legible(word) for word in words]
        self.type(BODY, style="B")
        if any(self.get_string_width(word) > self.epw for word in made):
            self.paragraph(text)
            return
        self.set_x(self.l_margin)
        for word, is_new in zip(made, flags, strict=True):
            self.type(BODY, style="B" if is_new else "")
            width = self.get_string_width(f"{word} ")
            if self.x + width > self.w - self.r_margin + self.get_string_width(" "):
                self.ln(BODY * LINE)
            self.cell(width, BODY * LINE, word)
        self.ln(BODY * LINE + 0.8)

    def grid(
        self,
        columns: Sequence[str],
        lines: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        bold: Callable[[int, int], bool] = lambda line, column: False,
    ) -> None:
        """A table whose head stands on every page; all columns but the first are set to the right.

        `widths` are shares of the page; `bold` says of a line and a column whether the cell is.
        """
        self.type(SMALL)
        self.set_draw_color(*colour("border"))
        self.set_fill_color(255)  # a cell with a face of its own is filled, whatever the mode says
        self.set_line_width(0.2)
        head = FontFace(emphasis="BOLD", color=colour("muted"))
        with self.table(
            col_widths=tuple(widths),
            headings_style=head,
            text_align=("LEFT", *["RIGHT"] * (len(columns) - 1)),
            line_height=SMALL * LINE,
            padding=(0.9, 1.2),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_mode=TableCellFillMode.NONE,
        ) as table:
            table.row([self.legible(column) for column in columns])
            for number, line in enumerate(lines):
                row = table.row()
                for place, cell in enumerate(line):
                    name = letters.family(cell)
                    strong = name == "plex" and bold(number, place)
                    row.cell(
                        self.legible(cell),
                        style=FontFace(family=name, emphasis="BOLD" if strong else None),
                    )
        self.ln(1.5)

    def cut(self, text: str, width: float) -> str:
        """The beginning of a text that fits into so many millimetres."""
        made = self.legible(text)
        while made and self.get_string_width(made) > width:
            made = made[: -max(1, len(made) // 20)]
        return made
