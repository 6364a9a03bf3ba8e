"""What is read off the indicators of the whole network: the axes of a Kiviat diagram, and what type of network it is.

A diagram's axes are ordinal and of different kinds: there is neither an area nor a mean of them. A type is a heuristic
label, never an average; a reader is told what it rests on.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.indicators.rules import Row
from orgnet.metrics.forms import FORMS, PATHWAYS
from orgnet.metrics.statuses import STATUSES, Series
from orgnet.vocabulary import Collaboration, Indicator, IndicatorStatus, Mark, ScopeType, Status, Typology
from orgnet.windows import Calendar

AXES = list(Indicator)
_MARKS = {
    IndicatorStatus.ASSESSED: Mark.POINT,
    IndicatorStatus.INTERVAL: Mark.BAND,
    IndicatorStatus.PROXY_ONLY: Mark.HOLLOW,
}
CLASSIFIED_FROM, MOST, MANY = 8, 8, 5
COLLABORATION_RULE = (
    f"rule: given from {CLASSIFIED_FROM} of {len(AXES)} indicators with one level: active if at least {MOST} are at "
    f"level 3 and none at 1; potential if at least {MANY} are at level 1; otherwise developing"
)
HEURISTIC = "a heuristic label by a rule of thumb, not a measurement: read what it rests on"
_FIELDS = {
    Typology.GOVERNANCE_FORM: ("governance", "governance meetings"),
    Typology.CLINICAL_FORM: ("clinical", "specialist MDTs"),
}
FORM_RULE = (
    "rule: network_body if one convenes at least half of {meetings}, else lead_organisation if a provider does, else "
    "shared if nobody convenes more than 34% and it is spread over half of the members, else hybrid"
)
_NO_FORM = {
    Status.UNDEFINED: "nobody convened any of the {meetings} in the window",
    Status.NO_COVERAGE: "nobody is recorded to have convened any of the {meetings}, and the records are not known to be "
    "complete",
}


def _of_network(rows: Sequence[Row]) -> dict[tuple[int, Indicator], Row]:
    return {(row.slice, row.indicator): row for row in rows if row.scope_type == ScopeType.NETWORK}


def kiviat_table(rows: Sequence[Row], calendar: Calendar) -> pa.Table:
    """The `kiviat` table: ten axes per slice, each with a point, a band, a hollow mark, or a gap."""
    found = _of_network(rows)
    axes = [found[number, axis] for number in range(len(calendar)) for axis in AXES if (number, axis) in found]
    columns: dict[str, object] = {
        "slice": np.array([row.slice for row in axes], dtype=np.int64),
        "axis_order": [AXES.index(row.indicator) + 1 for row in axes],
        "indicator": [row.indicator.value for row in axes],
        "mark": [_MARKS.get(row.status, Mark.GAP).value for row in axes],
        "status": [row.status.value for row in axes],
    }
    for name in ("level", "level_lo", "level_hi", "proxy_level"):
        columns[name] = [getattr(row, name) for row in axes]
    return store.sorted_by_key("kiviat", store.table("kiviat", columns, calendar))


def collaboration(levels: Mapping[Indicator, int | None]) -> tuple[Collaboration, list[str]]:
    """What type of collaboration the levels of the ten indicators suggest, and why; None is no level."""
    given = [level for level in levels.values() if level is not None]
    without = [axis.value for axis in AXES if levels.get(axis) is None]
    n = {level: given.count(level) for level in (1, 2, 3)}
    if len(given) < CLASSIFIED_FROM:
        found = Collaboration.NOT_CLASSIFIED
    elif n[3] >= MOST and not n[1]:
        found = Collaboration.ACTIVE
    else:
        found = Collaboration.POTENTIAL if n[1] >= MANY else Collaboration.DEVELOPING
    counted = f"{len(given)} of {len(AXES)} indicators have one level: {n[3]} at level 3, {n[2]} at 2, {n[1]} at 1"
    missing = [f"without one level: {', '.join(without)}"] if without else []
    return found, [HEURISTIC, counted, *missing, COLLABORATION_RULE]


def form_of_network(typology: Typology, measures: Mapping[str, Series], number: int) -> tuple[str, list[str]]:
    """What form of governance the convening of meetings suggests in a slice, and why."""
    name, meetings = _FIELDS[typology]
    series = measures.get(f"{name}_form")
    rule = FORM_RULE.format(meetings=meetings)
    status = Status.NO_COVERAGE if series is None else Status(STATUSES[int(series.status[number])])
    code = np.nan if series is None else series.valued()[number]
    if np.isnan(code):
        why = _NO_FORM.get(status, "there is no value: {status}").format(meetings=meetings, status=status.value)
        return Collaboration.NOT_CLASSIFIED.value, [HEURISTIC, why, rule]
    reasons = [HEURISTIC, f"who convenes {meetings}: {FORMS[int(code)]}"]
    counted = {form: measures.get(f"{name}_pathways_{word}") for form, word in PATHWAYS.items()}
    by_form = {form: each.valued()[number] for form, each in counted.items() if each is not None}
    told = [f"{PATHWAYS[form]} {n:.0f}" for form, n in by_form.items() if n > 0]
    reasons.append(
        f"pathways by form, each by itself: {', '.join(told)}" if told else "no pathway has a form by itself"
    )
    core = measures.get("convening_share")
    if typology == Typology.GOVERNANCE_FORM and core is not None and not np.isnan(core.valued()[number]):
        reasons.append(f"the core agency convenes {core.valued()[number]:.0%} of {meetings}")
    if status == Status.NOMINAL:
        reasons.append("nominal: presence is taken from the meetings' own times")
    return PATHWAYS[int(code)], [*reasons, rule]


def typology_table(rows: Sequence[Row], measures: Mapping[str, Series], calendar: Calendar) -> pa.Table:
    """The `typologies` table: per slice, the types of collaboration and of governance.

    `measures` are the metrics of how the network is run, by name, over all slices.
    """
    found = _of_network(rows)
    told: list[tuple[int, Typology, str, list[str]]] = []
    for number in range(len(calendar)):
        axes = {axis: found.get((number, axis)) for axis in AXES}
        kind, reasons = collaboration({axis: None if row is None else row.level for axis, row in axes.items()})
        told.append((number, Typology.COLLABORATION, kind.value, reasons))
        told += [(number, form, *form_of_network(form, measures, number)) for form in _FIELDS]
    columns = {
        "slice": np.array([number for number, *_ in told], dtype=np.int64),
        "typology": [typology.value for _, typology, _, _ in told],
        "type": [word for *_, word, _ in told],
        "reasons": [reasons for *_, reasons in told],
    }
    return store.sorted_by_key("typologies", store.table("typologies", columns, calendar))
