import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from audits import generalisation
from audits.generalisation import Generalisation, OnData, Source
from audits.summary import p_value, points
from pages import feedback, jobs, selection, trying
from pages.selection import Selection, matching
from pages.selection.address import from_params, to_params
from views import numbers
from views.charts import elsewhere as picture

if TYPE_CHECKING:
    from analysis.background import Job

#: The most data sets beside the one in use.
MOST = 5
EXAMPLES = (100, 300, generalisation.USUAL_EXAMPLES, 1000, generalisation.MOST_EXAMPLES)
#: What stands between two data sets in the link, and before the settings of one: no reference has it.
BETWEEN, WITH = "\n", "\t"
#: What of a selection is a setting of how data are read, as it is called in a link.
SETTINGS = ("text_column", "label_column", "label_map")
OTHERS = "assay.elsewhere.others"


def main() -> None:
    """One model on several data sets: settings, then the run, then what it found."""
    st.title("Other data")
    st.caption("Does the model hold on other data, and how far away is that data for it?")
    with feedback.problems():
        selection.corpus()
        others = chosen()
        with feedback.skeleton(48):
            read = [matching.tried(other, selection.classifier()) for other in others]
        ready = bool(others) and not any(each.problem for each in read)
        examples, seed, run = settings(others, ready)
        if not others:
            nothing_chosen()
            return
        match(others, read)
        if not ready:
            return
        jobs.begin_run()
        job = asked_for(others, examples, seed, begin=run)
        found = None if job is None else jobs.outcome(job, "Reading and comparing", key="elsewhere")
        jobs.give_up_left_behind()
        if job is None:
            waiting_for_a_click(others, examples)
        elif found is not None:
            show(found, examples, seed)


def chosen() -> list[Selection]:
    """The other data sets as the link has them: a reference each, its columns and label map after a mark."""
    found: dict[str, Selection] = {}
    for each in (selection.remembered("others") or "").split(BETWEEN):
        reference, _, settings = each.partition(WITH)
        name = selection.plain(reference)
        if name and len(found) < MOST:
            found.setdefault(name, from_params({"data": name} | dict(parse_qsl(settings)), Selection())[0])
    return list(found.values())


def choose(others: Sequence[Selection]) -> None:
    """Writes the other data sets into the link."""
    written = []
    for other in others:
        params = {name: value for name, value in to_params(other).items() if name in SETTINGS}
        written.append(f"{other.data}{WITH}{urlencode(params)}" if params else other.data)
    selection.remember("others", BETWEEN.join(written))


def settings(others: Sequence[Selection], ready: bool) -> tuple[int, int, bool]:
    """The row of choices: the other data sets, examples, seed. The last says that Run was clicked."""
    known = {other.data: other for other in others}
    with st.container(horizontal=True, vertical_alignment="bottom", key="elsewhere-settings"):
        st.session_state[OTHERS] = list(known)
        st.multiselect(
            "Other data",
            list(dict.fromkeys([*selection.fitting_data(), *known])),
            key=OTHERS,
            on_change=lambda: choose(
                [known.get(name, Selection(data=name)) for name in st.session_state[OTHERS]]
            ),
            accept_new_options=True,
            max_selections=MOST,
            placeholder="bundled, a file, hub:owner/name",
            help="Type a path (csv, tsv, jsonl, json, parquet) or `hub:owner/name`. Where its columns or "
            "labels are called otherwise than expected, say below which is which.",
            width=560,
        )
        count = selection.option(
            "count",
            EXAMPLES,
            generalisation.USUAL_EXAMPLES,
            label="Examples of each",
            format_func=lambda most: f"≤ {numbers.grouped(most)}",
            width=130,
        )
        seed = selection.seed_input("assay.elsewhere.seed", "Decides which examples are drawn.")
        run = st.button("Run", type="primary", icon=":material/play_arrow:", disabled=not ready)
    return count, seed, run


def match(others: Sequence[Selection], read: Sequence[matching.Tried]) -> None:
    """How each of the other data sets is read: open where one cannot be used as it is."""
    with st.expander("Columns and labels", type="compact", expanded=any(each.problem for each in read)):
        for place, (other, found) in enumerate(zip(others, read, strict=True)):
            if found.problem:
                feedback.notice(selection.plain(other.data, 80), found.problem, "failure")
            else:
                feedback.aside(selection.plain(other.data, 80))
            with st.form(f"assay.elsewhere.match.{place}", border=False, width=420):
                so = matching.column_inputs(other, f"assay.elsewhere.{place}")
                labels = other.label_map
                if 0 < len(found.labels) <= matching.MOST_MAPPED and (found.problem or labels):
                    ours = selection.classifier().labels
                    labels = matching.label_inputs(other, found.labels, ours, f"assay.elsewhere.{place}")
                if st.form_submit_button("Read it so"):
                    so = replace(so, label_map=labels)
                    matching.tried(so, selection.classifier(), anew=True)
                    choose([*others[:place], so, *others[place + 1 :]])
                    st.rerun()


def nothing_chosen() -> None:
    """The empty state: what would stand here."""
    used = selection.current().data
    fitting = selection.fitting_data()
    clicked = feedback.empty(
        f"Nothing to compare {selection.plain(used, 60)} with",
        "Choose another data set with the same labels: what the model loses there, beside how far away its "
        "texts are for the model.",
        f"Compare with {fitting[0]}" if fitting else None,
        key="assay.elsewhere.begin",
    )
    if clicked:
        selection.remember("others", fitting[0])
        st.rerun()


def asked_for(
    others: Sequence[Selection], examples: int, seed: int, *, begin: bool
) -> "Job[Generalisation] | None":
    """The run on these very data: under way, kept, or begun by a click, which always begins anew."""
    every = (selection.current(), *others)
    parts = tuple(each.data_part for each in every)
    key = ("elsewhere", trying.model_key(), parts, examples, seed)
    if not begin and jobs.found(key) is None:
        return None
    sources = [Source(each.data, each.text_column, each.label_column, dict(each.label_map)) for each in every]
    classifier = selection.classifier()

    def work(report: jobs.Report) -> Generalisation:
        corpora = [generalisation.load(source, classifier, examples, seed) for source in sources]
        return generalisation.measure(classifier, corpora, seed=seed, on_progress=report)

    return jobs.job_of(key, work, anew=begin)


def waiting_for_a_click(others: Sequence[Selection], examples: int) -> None:
    """The data are chosen, and nothing was measured yet."""
    feedback.empty(
        "Not measured yet",
        f"Press Run to put the model on {numbers.grouped(examples)} examples at most of each of "
        f"{len(others) + 1} data sets.",
    )


def show(found: Generalisation, examples: int, seed: int) -> None:
    """What the run found."""
    feedback.headline(feedback.escaped(found.headline))
    first, *others = (placed(each) for each in found.sets)
    feedback.chart(
        picture.figure(first, others, feedback.is_dark()),
        key="assay.elsewhere.chart",
        title="Right answers, by distance from the first set",
        name="other-data",
        alt=found.headline,
        rows=lambda: map(row, found.sets),
    )
    st.dataframe([shown(each) for each in found.sets], hide_index=True, width="stretch")
    feedback.download(
        "JSON",
        lambda: json.dumps(generalisation.as_dict(found), indent=2, ensure_ascii=False).encode(),
        "assay-other-data.json",
        key="assay.elsewhere.json",
    )
    st.caption(
        "AUC: how well a classifier on the model's own vectors (its last layer's mean) tells a text of that "
        "set from one of the first; 0.5 is not at all. MMD²: the distance of both sets' means under a "
        "Gaussian kernel; its p value is from permutations, corrected by Holm for the number of sets. "
        "Another mix of labels is a distance, too. A loss and a distance side by side do not say that one "
        "makes the other."
    )
    feedback.made_from(f"≤ {numbers.grouped(examples)} of each", f"layer {found.layer}", f"seed {seed}")


def placed(each: OnData) -> picture.Placed:
    """A data set as the picture shows it; the first stands where sets are alike."""
    apart = (each.shift.auc, each.shift.auc_low, each.shift.auc_high) if each.shift else (0.5, 0.5, 0.5)
    share = each.accuracy
    return picture.Placed(
        each.name, *apart, share.value, share.low, share.high, share.count, lost=each.is_lost
    )


def shown(each: OnData) -> dict[str, str]:
    """A line of the table."""
    line = {"Data": selection.plain(each.name, 60), "Right": generalisation.told(each)}
    if each.lost is None or each.shift is None:
        return line | dict.fromkeys(("Lost", "AUC", "MMD²", "p (Holm)"), "–") | {"Texts lie": "reference"}
    apart = each.shift
    return line | {
        "Lost": points(each.lost),
        "AUC": f"{apart.auc:.2f} [{apart.auc_low:.2f}, {apart.auc_high:.2f}]",
        "MMD²": f"{apart.mmd2:.3f}".replace("-", "−"),
        "p (Holm)": p_value(each.p),
        "Texts lie": "elsewhere" if each.is_apart else "alike",
    }


def row(each: OnData) -> dict[str, object]:
    """The same for a spreadsheet, in numbers."""
    share, lost, apart = each.accuracy, each.lost, each.shift
    return {
        "data": each.data,
        "examples": each.examples,
        "accuracy": share.value,
        "accuracy low": share.low,
        "accuracy high": share.high,
        "lost": lost.value if lost else "",
        "lost low": lost.low if lost else "",
        "lost high": lost.high if lost else "",
        "auc": apart.auc if apart else "",
        "auc low": apart.auc_low if apart else "",
        "auc high": apart.auc_high if apart else "",
        "mmd2": apart.mmd2 if apart else "",
        "p corrected": "" if each.p is None else each.p,
    }


main()
