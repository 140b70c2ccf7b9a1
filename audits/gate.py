"""A gate: an audit of the store under a policy, and its verdict for build servers (JUnit XML, SARIF)."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from audits.measures import split, written
from audits.pairing import Answered, paired, same_test
from audits.policy import RuleVerdict, Verdict, compared, decide
from audits.provenance import VERSION
from audits.rows import CLEAN, Row
from audits.rules import Policy, PolicyError, slices_of
from audits.slices import by_name, metadata_of
from audits.store import Store, StoreError
from audits.summary import Summary, summarise
from audits.tables import Audit
from audits.validity import Thresholds, Validity

#: What XML 1.0 has no way to write, and noise tests are full of.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: How SARIF 2.1.0 calls a verdict: its kind of result (section 3.27.9) and its level (3.27.10).
SARIF_KINDS = {"pass": ("pass", "none"), "fail": ("fail", "error"), "inconclusive": ("open", "none")}


def judge(
    store: Store,
    audit_id: str,
    policy: Policy | None = None,
    baseline: str | None = None,
    thresholds: Thresholds | None = None,
) -> tuple[Summary, Verdict]:
    """The figures and the verdict of a finished audit, under the policy given or its plan's own.

    `baseline` is another audit's id, or the beginning of it; without it the one that the plan names.
    `thresholds` say which successful attacks are valid.

    Raises PolicyError where there is no policy or it does not fit the audit, StoreError for unknown audits.
    """
    audit = store.audit(audit_id)
    policy = policy or Policy(audit.plan.policy)
    if not policy.rules:
        raise PolicyError(f"The plan of audit {audit.id} has no policy. Name a file with --policy.")
    _finished(audit)
    view = Validity(thresholds or Thresholds(), store.marks(audit.id))
    rows = store.rows(audit.id)
    columns = metadata_of(store.examples(audit.id))
    summary = summarise(audit, rows, view, columns, slices_of(rule.figure for rule in policy.rules))
    name = baseline or audit.plan.baseline
    return summary, _decided(store, audit, (rows, summary), policy, name if policy.needs_baseline else None)


def verdict_of(store: Store, audit: Audit, rows: Sequence[Row], summary: Summary) -> Verdict | None:
    """The verdict of the plan's own policy on figures that are there; None without one or before the end.

    What keeps the policy from being applied (a baseline that is gone) stands in the verdict.
    """
    policy = Policy(audit.plan.policy)
    if not policy.rules or audit.state != "finished":
        return None
    try:
        name = audit.plan.baseline if policy.needs_baseline else None
        return _decided(store, audit, (rows, summary), policy, name)
    except (PolicyError, StoreError) as problem:
        return Verdict("inconclusive", (), summary.examples, problem=str(problem))


def _decided(
    store: Store,
    audit: Audit,
    known: tuple[Sequence[Row], Summary],
    policy: Policy,
    baseline: str | None,
) -> Verdict:
    rows, summary = known
    if not baseline:
        return decide(policy, summary)
    before = store.audit(baseline)
    _finished(before)
    if before.id == audit.id:
        raise PolicyError(f"Audit {audit.id} is no baseline for itself. Name another one.")
    if before.labels != audit.labels:
        raise PolicyError(
            f"Audit {before.id} has the labels {', '.join(before.labels)[:200]}, and {audit.id} has "
            f"{', '.join(audit.labels)[:200]}: they are no measure for each other. Name another baseline."
        )
    held = compared(policy, summary)
    _same_tests(held, audit, before)
    rows_before = store.rows(before.id)
    columns_before = metadata_of(store.examples(before.id))
    also = slices_of(rule.figure for rule in policy.rules)
    view = Validity(summary.thresholds, store.marks(before.id))
    summary_before = summarise(before, rows_before, view, columns_before, also)
    columns = metadata_of(store.examples(audit.id))
    sides = (
        Answered(
            one,
            its_rows,
            by_name(
                [row for row in its_rows if row.test == CLEAN and not row.error],
                its_columns,
                [*audit.plan.asked_slices, *also],
            ),
        )
        for one, its_rows, its_columns in ((audit, rows, columns), (before, rows_before, columns_before))
    )
    return decide(policy, summary, summary_before, paired(held, *sides))


def _same_tests(figures: Iterable[str], audit: Audit, before: Audit) -> None:
    """Raises PolicyError where a figure is of an attack that is another one in the baseline."""
    for figure in figures:
        found = split(figure)
        test = found[1].partition(" ")[0].partition("@")[0] if found else ""
        if test in {column.name for column in audit.plan.columns} and not same_test(
            test, audit.plan, before.plan
        ):
            raise PolicyError(
                f"{figure}: {test} searched with other limits in audit {before.id} ({_bounds(before)}) than "
                f"in {audit.id} ({_bounds(audit)}), or is another recipe there: they are no measure for each "
                "other. Run one of them again with the other's limits, or name another baseline."
            )


def _bounds(audit: Audit) -> str:
    plan = audit.plan
    told = {"queries": plan.query_budget, "seconds": plan.time_budget, "share of words": plan.max_words}
    return ", ".join(f"{limit:g} {what}" for what, limit in told.items() if limit) or "none"


def _finished(audit: Audit) -> None:
    if audit.state != "finished":
        raise PolicyError(
            f"Audit {audit.id} is {audit.state}: a gate decides on finished audits only, "
            "for looking again and again until one passes proves nothing. Let it run to its end."
        )


def junit(summary: Summary, verdict: Verdict) -> str:
    """The verdict as JUnit XML, one test case a rule.

    A broken rule is a failure. One that cannot be decided is an error, not skipped: build servers
    count what is skipped as passed.
    """
    suite = ET.Element(
        "testsuite",
        name=_xml(f"{summary.model_name} on {summary.corpus_name}"),
        tests=str(len(verdict.rules)),
        failures=str(len(verdict.of("fail"))),
        errors=str(len(verdict.of("inconclusive"))),
        skipped="0",
        time="0",
    )
    if summary.finished:
        suite.set("timestamp", summary.finished[:19])
    properties = ET.SubElement(suite, "properties")
    for name, value in _about(summary, verdict).items():
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    for rule in verdict.rules:
        case = ET.SubElement(
            suite, "testcase", name=_xml(rule.demand), classname=f"assay.{summary.id}", time="0"
        )
        if rule.verdict != "pass":
            kind = "failure" if rule.verdict == "fail" else "error"
            ET.SubElement(case, kind, type=rule.verdict, message=_xml(told(rule)))
        ET.SubElement(case, "system-out").text = _xml(told(rule))
    top = ET.Element("testsuites", dict(suite.attrib) | {"name": "assay gate"})
    top.attrib.pop("timestamp", None)
    top.append(suite)
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """A text with what XML forbids shown as `\\x00`."""
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def sarif(summary: Summary, verdict: Verdict, policy: Policy) -> str:
    """The verdict as SARIF 2.1.0 (OASIS 2020), one result a rule, at its line in the policy's file."""
    descriptors = [
        {
            "id": f"rule-{place + 1}",
            "name": rule.figure,
            "shortDescription": {"text": f"{rule.figure}: {_limits(rule.limits)}"},
        }
        for place, rule in enumerate(policy.rules)
    ]
    driver = {"name": "Assay", "version": VERSION, "semanticVersion": VERSION, "rules": descriptors}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "properties": _about(summary, verdict),
        "results": [_result(rule, policy, summary) for rule in verdict.rules],
    }
    content = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    # Half characters, which no encoding of the file could hold, stand there as escapes.
    return json.dumps(content, ensure_ascii=True, indent=1) + "\n"


def _result(rule: RuleVerdict, policy: Policy, summary: Summary) -> dict[str, Any]:
    kind, level = SARIF_KINDS[rule.verdict]
    location: dict[str, Any] = {
        "logicalLocations": [{"name": rule.figure, "fullyQualifiedName": f"{summary.id}/{rule.figure}"}]
    }
    if policy.source:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": Path(policy.source).as_posix()},
            "region": {"startLine": policy.lines[rule.place]},
        }
    return {
        "ruleId": f"rule-{rule.place + 1}",
        "ruleIndex": rule.place,
        "kind": kind,
        "level": level,
        "message": {"text": f"{rule.demand}. {told(rule)}"},
        "locations": [location],
        "partialFingerprints": {"assayRule/v1": f"{rule.figure} {rule.limit:g} {int(rule.at_least)}"},
        "properties": {"needed": rule.needed, "p": rule.p},
    }


def _limits(limits: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {limit:g}" for name, limit in limits.items())


def told(rule: RuleVerdict) -> str:
    """What was found of a rule, in words."""
    parts = [f"Found {rule.found}"]
    if rule.baseline is not None:
        how = "paired over the examples that both have" if rule.paired else "compared as if they shared none"
        parts.append(f"baseline {written(rule.baseline, rule.figure)}, {how}")
    if rule.unanswered:
        parts.append(f"{rule.unanswered} rows without an answer could break it")
    elif rule.verdict == "inconclusive":
        parts.append(
            f"about {rule.needed} examples would decide" if rule.needed else "no number of examples is known"
        )
    return f"{'; '.join(parts)}."


def _about(summary: Summary, verdict: Verdict) -> dict[str, str]:
    """What was judged, for whoever reads the file later."""
    return {
        "audit": summary.id,
        "verdict": verdict.kind,
        "model": summary.plan.model,
        "model fingerprint": summary.model_fingerprint,
        "data": summary.plan.data,
        "sample fingerprint": summary.corpus_fingerprint,
        "examples": str(summary.examples),
        "seed": str(summary.plan.seed),
        "noise seeds": str(summary.plan.seeds),
        "failed rows": str(verdict.failed_rows),
        "baseline": verdict.baseline or "none",
    }
