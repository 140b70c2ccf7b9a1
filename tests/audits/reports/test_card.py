"""The model card: what the hub's own library reads back."""

from huggingface_hub import ModelCard, ModelCardData

from audits import reports
from audits.reports import Material
from audits.summary import summarise
from tests.audits.reports.test_pdf import rows_of
from tests.audits.test_summary import audit

HOSTILE = "x\n---\nlicense: mit <img src=x> [a](http://evil) | `b`"


def test_the_hubs_library_reads_every_figure_back():
    rows = rows_of("a plain text")
    card = ModelCard(reports.write(Material(audit(), rows), "md").decode())
    assert isinstance(card.data, ModelCardData)
    found = {result.metric_name: result for result in card.data.eval_results or ()}
    summary = summarise(audit(), rows)
    assert summary.clean_accuracy and summary.tests[0].accuracy
    assert found["Accuracy"].metric_value == round(summary.clean_accuracy.value, 6) == 1.0
    under = found["Accuracy under Random casing, severity 3"]
    assert under.metric_value == round(summary.tests[0].accuracy.value, 6)
    assert under.dataset_type == "films" and under.task_type == "text-classification"
    assert "## Method and limits" in card.text and "| unchanged | 100.0 %" in card.text


def test_strangers_names_stay_names():
    card = ModelCard(reports.write(Material(audit(model_name=HOSTILE), rows_of("text")), "md").decode())
    assert card.data.to_dict().get("license") is None
    assert "<img" not in card.text.replace("\\<img", "") and "[a](" not in card.text.replace("\\[a\\](", "")
