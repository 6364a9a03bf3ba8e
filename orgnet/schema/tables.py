"""Every published table: its columns in order, its key (also its sort order), and one sentence."""

from dataclasses import dataclass

import pyarrow as pa

from orgnet.schema.columns import COLUMNS, Column

_TIME = ("slice", "slice_start", "slice_end", "window_start")
_WAVE = ("instrument", "wave", "wave_date")


@dataclass(frozen=True)
class Table:
    """One published table. `restricted` tables may hold person-level data and are never shared.

    Tables `of_copies` are not made by runs: they come with a copy that is shared.
    """

    name: str
    sentence: str
    column_names: tuple[str, ...]
    key: tuple[str, ...]
    restricted: bool = False
    of_copies: bool = False

    @property
    def columns(self) -> list[Column]:
        """The table's columns, in order."""
        return [COLUMNS[name] for name in self.column_names]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with each column's unit and meaning in its metadata."""
        fields = [
            pa.field(column.name, column.type, metadata={"unit": column.unit, "meaning": column.meaning})
            for column in self.columns
        ]
        return pa.schema(fields, metadata={"orgnet.table": self.name, "orgnet.meaning": self.sentence})


def _value_table(name: str, sentence: str, entity: tuple[str, ...], extra: tuple[str, ...] = ()) -> Table:
    """A long table: one row per slice, layer, entity and metric."""
    return Table(
        name,
        sentence,
        (*_TIME, "layer", *entity, *extra, "metric", "value", "status"),
        ("slice_start", "layer", *entity, "metric"),
    )


TABLES: dict[str, Table] = {
    table.name: table
    for table in [
        Table(
            "ties",
            "A tie between two organisations in one layer, within the window that ends with the slice.",
            (
                *_TIME,
                "layer",
                "source_id",
                "target_id",
                "directed",
                "weight",
                "events",
                "people",
                "first_seen",
                "last_seen",
            ),
            ("slice_start", "layer", "source_id", "target_id"),
        ),
        Table(
            "organisations",
            "An organisation on the roster of a slice: its name, what sort it is, and its part in the network.",
            (*_TIME, "organisation_id", "name", "kind", "role"),
            ("slice_start", "organisation_id"),
        ),
        _value_table(
            "organisation_metrics",
            "One metric of one organisation, in one layer and slice.",
            ("organisation_id",),
        ),
        _value_table(
            "pair_metrics",
            "One metric of a pair of organisations, in one layer and slice.",
            ("organisation_id", "other_organisation_id"),
        ),
        _value_table(
            "group_metrics",
            "How well a professional group knows its peers, or another group, in other organisations, and how it goes between.",
            ("professional_group", "other_group"),
            ("n_people",),
        ),
        _value_table("network_metrics", "One metric of the whole network, in one layer and slice.", ("node_set",)),
        Table(
            "indicators",
            "What the records allow to be said about one indicator, for one scope and slice, and why.",
            (
                *_TIME,
                "indicator",
                "dimension",
                "scope_type",
                "scope_id",
                "level",
                "level_lo",
                "level_hi",
                "proxy_level",
                "evidence_class",
                "basis",
                "status",
                "trend",
                "coverage",
                "n_people",
                "n_organisations",
                "n_events",
                "reasons",
                "evidence",
            ),
            ("slice_start", "indicator", "scope_type", "scope_id"),
        ),
        Table(
            "kiviat",
            "One axis of the network's Kiviat diagram: a point, a band, a hollow mark or a gap. Axes have no common "
            "unit, so there is no area.",
            (
                *_TIME,
                "axis_order",
                "indicator",
                "level",
                "level_lo",
                "level_hi",
                "proxy_level",
                "mark",
                "status",
            ),
            ("slice_start", "axis_order"),
        ),
        Table(
            "typologies",
            "What type of network this is, by a heuristic rule, and what that rests on.",
            (*_TIME, "typology", "type", "reasons"),
            ("slice_start", "typology"),
        ),
        Table(
            "sensitivity",
            "What an indicator would say had one choice been made otherwise, or some records been missing.",
            (
                *_TIME,
                "indicator",
                "scope_type",
                "scope_id",
                "varied",
                "setting",
                "level_lo",
                "level_hi",
                "proxy_level",
                "moved",
                "kept_share",
            ),
            ("slice_start", "indicator", "scope_type", "scope_id", "varied", "setting"),
        ),
        Table(
            "robustness",
            "One line for each indicator and scope: whether its level stands when choices are varied.",
            ("indicator", "scope_type", "scope_id", "n_variations", "steady_share", "robust", "reasons"),
            ("indicator", "scope_type", "scope_id"),
        ),
        Table(
            "changes",
            "A measure before and after, and what may be concluded.",
            (
                "measure_table",
                "entity",
                "layer",
                "metric",
                "before",
                "after",
                "n_before",
                "n_after",
                "value_before",
                "value_after",
                "difference",
                "ci_low",
                "ci_high",
                "p_value",
                "q_value",
                "method",
                "verdict",
                "reasons",
            ),
            ("measure_table", "entity", "layer", "metric", "before", "after", "method"),
        ),
        Table(
            "draws",
            "One metric in every draw of the meetings or of the organisations behind it: what intervals are taken from.",
            (*_TIME, "measure_table", "entity", "layer", "metric", "drawn", "n_organisations", "draws"),
            ("slice_start", "measure_table", "entity", "layer", "metric", "drawn"),
            restricted=True,
        ),
        Table(
            "tie_changes",
            "A tie between two organisations in one of two compared windows or in both, and what became of it.",
            (
                "before",
                "after",
                "layer",
                "source_id",
                "target_id",
                "directed",
                "change",
                "weight_before",
                "weight_after",
                "on_panel",
            ),
            ("before", "after", "layer", "source_id", "target_id"),
        ),
        Table(
            "turnover",
            "How the ties of one layer changed from one window to another: how many formed, stayed and ended, and "
            "whether strong ties stayed strong.",
            (
                "before",
                "after",
                "layer",
                "node_set",
                "n_organisations",
                "formed",
                "kept",
                "dissolved",
                "never",
                "jaccard",
                "retention",
                "formation",
                "correlation",
                "p_value",
                "n_permutations",
                "status",
                "reasons",
            ),
            ("before", "after", "layer", "node_set"),
        ),
        Table(
            "survival",
            "How long joint roles and leads last: the share estimated to outlast each age at which one ended, or was no "
            "longer seen.",
            (
                "spell_kind",
                "spell_basis",
                "professional_group",
                "days",
                "n_at_risk",
                "n_ended",
                "n_censored",
                "survival",
                "ci_low",
                "ci_high",
                "median_days",
                "n_spells",
                "n_left_out",
                "n_people",
                "status",
            ),
            ("spell_kind", "spell_basis", "professional_group", "days"),
        ),
        Table(
            "activity",
            "What happened in one step of time, as one value of a short series; steps do not overlap.",
            (
                "measure_table",
                "entity",
                "metric",
                "period_start",
                "period_end",
                "value",
                "n",
                "coverage",
                "status",
            ),
            ("measure_table", "entity", "metric", "period_start"),
        ),
        Table(
            "survey_scores",
            "What people said when they were asked: one measure of one item, for everybody or one part, in one wave.",
            (*_WAVE, "item", "stratum_type", "stratum", "measure", "value", "n_people", "status"),
            ("instrument", "wave_date", "wave", "item", "stratum_type", "stratum", "measure"),
        ),
        Table(
            "maturity_matrix",
            "Which level people see in one element of working together; beside the indicators, never part of them.",
            (
                *_WAVE,
                "item",
                "stratum_type",
                "stratum",
                "n_people",
                *(f"share_level_{level}" for level in (1, 2, 3)),
                "median_level",
                "split",
                *(f"elements_level_{level}" for level in (1, 2, 3)),
                "status",
            ),
            ("instrument", "wave_date", "wave", "item", "stratum_type", "stratum"),
        ),
        Table(
            "coverage",
            "What each source was expected to deliver, and whether it did.",
            (
                "source",
                "record_kind",
                "organisation_id",
                "period_start",
                "period_end",
                "expected_n",
                "received_n",
                "complete",
            ),
            ("record_kind", "source", "organisation_id", "period_start"),
        ),
        Table(
            "completeness",
            "Whether one organisation's records of one kind are known to be whole for the window that ends with the slice.",
            (*_TIME, "record_kind", "organisation_id", "whole"),
            ("slice_start", "record_kind", "organisation_id"),
        ),
        Table(
            "succession",
            "One organisation following another, and whether records of the one are stated as the other.",
            (
                "predecessor_id",
                "successor_id",
                "link_type",
                "link_date",
                "organisation_basis",
                "followed",
                "outcome",
                "reasons",
            ),
            ("predecessor_id", "successor_id", "link_type", "link_date"),
        ),
        Table(
            "catalog",
            "The data dictionary: every table, column and metric, with its unit, range and meaning.",
            (
                "table",
                "column_or_metric",
                "type",
                "unit",
                "minimum",
                "maximum",
                "undefined_when",
                "meaning",
                "formula",
                "reference",
            ),
            ("table", "type", "column_or_metric"),
        ),
        Table(
            "disclosure",
            "What is not as it was measured in a copy that is shared: how many values of a column were withheld or rounded, and "
            "by which rule.",
            ("table", "column", "metric", "rule", "protection", "n_values"),
            ("table", "column", "metric", "rule", "protection"),
            of_copies=True,
        ),
        Table(
            "people_behind",
            "How many individuals are behind a metric of the whole network, or of an organisation's own attendance, where no other "
            "table says so: a copy to share is protected by it.",
            (*_TIME, "layer", "organisation_id", "metric", "n_people"),
            ("slice_start", "layer", "organisation_id", "metric"),
            restricted=True,
        ),
        Table(
            "rejected_records",
            "Rows that could not be used, each with its reason; may hold person-level data, never shared.",
            ("source", "row", "record_kind", "field", "reason", "message", "raw"),
            ("record_kind", "source", "row", "field"),
            restricted=True,
        ),
    ]
}
