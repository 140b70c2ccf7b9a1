"""Parts of the data and groups of texts, as the command line shows them."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audits import measures
from audits.rows import CLEAN
from audits.summary import Summary, points, signed, titled
from audits.terminal import plain_table
from views.numbers import grouped


def show(summary: Summary, out: Console) -> None:
    """The slices that the plan names, and what noise does to the gaps between groups."""
    if summary.sliced:
        out.print()
        out.print(slices(summary))
    if summary.unequal:
        out.print()
        out.print(Text(summary.unequal), soft_wrap=True)
    if summary.gaps:
        out.print(gaps(summary))


def slices(summary: Summary) -> Table:
    """One line a slice that the plan names: its accuracy, and the test that costs most there."""
    table = plain_table("Slice", "Unchanged", "Costs most there", "Drop", "n")
    titles = {test.test: titled(test) for test in summary.tests}
    for part in summary.sliced:
        if part.test != CLEAN:
            continue
        worst = summary.worst_in(part.slice)
        table.add_row(
            Text(part.slice),
            measures.written(part.accuracy, "accuracy"),
            Text(titles[worst.test]) if worst else "–",
            points(worst.drop) if worst and worst.drop else "–",
            grouped(worst.accuracy.count) if worst else "–",
        )
    return table


def gaps(summary: Summary) -> Table:
    """One line a group and noise, the widest changes first; a star where chance would hardly make one."""
    table = plain_table("Noise", "Group", "Gap before", "Under noise", "Change", "Examples, others", text=2)
    for gap in summary.widest_gaps:
        table.add_row(
            Text(gap.title),
            Text(gap.written),
            signed(gap.clean.value),
            signed(gap.noisy.value),
            f"{points(gap.change)}{'*' if gap.changes else ' '}",
            f"{grouped(gap.members)}, {grouped(gap.others)}",
        )
    return table
