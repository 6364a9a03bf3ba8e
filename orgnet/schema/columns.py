"""Every published column, declared once: same quantity and unit, same name everywhere."""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from orgnet import vocabulary as v

EVIDENCE = pa.list_(
    pa.struct(
        [
            ("measure", pa.string()),
            ("value", pa.float64()),
            ("operator", pa.string()),
            ("threshold", pa.float64()),
            ("met", pa.bool_()),
            ("n", pa.int64()),
            ("coverage", pa.float64()),
        ]
    )
)
WORD = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Column:
    """One published column: its Arrow type, its unit, what it means, and the words it may hold."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    words: tuple[str, ...] = ()


def _word(name: str, meaning: str, enum: type[StrEnum] | None = None) -> Column:
    words = tuple(word.value for word in enum) if enum else ()
    return Column(name, WORD, "word", meaning, words)


def _date(name: str, meaning: str) -> Column:
    return Column(name, pa.date32(), "date", meaning)


def _count(name: str, unit: str, meaning: str) -> Column:
    return Column(name, pa.int64(), unit, meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, pa.float64(), unit, meaning)


def _text(name: str, meaning: str) -> Column:
    return Column(name, pa.string(), "text", meaning)


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in [
        _word("slice", "Label of the time slice, such as 2016-Q2, 2016-05 or 2014-05-01/3m."),
        _date("slice_start", "First day of the slice."),
        _date("slice_end", "First day after the slice; windows end here too."),
        _date(
            "window_start",
            "First day that the values look back to: the slice's end less the window, or the period's start "
            "if that is later.",
        ),
        _word("layer", "The kind of tie.", v.Layer),
        _word("source_id", "Organisation that the tie starts from; of the two, the first by code if undirected."),
        _word("target_id", "Organisation that the tie goes to."),
        Column("directed", pa.bool_(), "flag", "Whether source and target can be told apart in this layer."),
        _number(
            "weight",
            "see layer",
            "Strength of the tie within the window. meetings and mdt: sum over meetings and pairs of people of "
            "1/(people there - 1). referrals and referrals_back: referrals. joint_roles: joint roles held at the "
            "slice's end. convening: meetings. combined: number of layers that tie the two.",
        ),
        _count("events", "events", "Meetings, referrals or role records that the tie rests on, in the window."),
        _count("people", "people", "Different people behind the tie in the window; empty where none is named."),
        _date("first_seen", "Day of the first event in the window."),
        _date("last_seen", "Day of the last event in the window."),
        _word("organisation_id", "The organisation's code; empty in `coverage` if a row is for all of them."),
        _word("other_organisation_id", "The other organisation of the pair."),
        _text("name", "The organisation's name; empty if the records give none."),
        _word(
            "kind",
            "What sort of organisation it is, as measures take it: a provider where the records do not say; empty if no "
            "organisations were supplied.",
            v.OrganisationKind,
        ),
        _word(
            "role",
            "Its part in the network within the slice; none if it has none or the records do not say, empty if no "
            "organisations were supplied.",
            v.OrganisationRole,
        ),
        _word("metric", "The metric's name: `orgnet describe METRIC` tells what it means."),
        _number("value", "see metric", "The metric's value; empty unless status is ok, nominal, rounded or sampled."),
        _word(
            "status",
            "Whether there is a value, and if not, why not. Values: ok, or nominal (from scheduled, not observed, "
            "presence), or rounded, or sampled (estimated from some of the organisations, as there are too many for "
            "all); no value: undefined (there is none), no_coverage (the records are not known to be complete), "
            "insufficient (too few people, organisations or events), suppressed. Indicators: assessed (a level), "
            "interval (a lowest and a highest level), proxy_only (a stand-in measure's level), insufficient_data, "
            "not_assessed (ties do not show it), suppressed.",
        ),
        _word(
            "professional_group",
            "The professional group whose people are described; empty in `survival` for everybody.",
        ),
        _word("other_group", "The group they are described towards; the same group for contact among peers."),
        _count(
            "n_people",
            "people",
            "People behind the value: the group's roster at the slice's end; of a survey, those whose answers are in it.",
        ),
        _word(
            "node_set",
            "Organisations that count: those on the slice's roster, or in every slice; where two windows are compared, "
            "those on either roster, or on both.",
            v.NodeSet,
        ),
        _word("indicator", "One of D'Amour's ten indicators.", v.Indicator),
        _word("dimension", "The dimension it belongs to.", v.Dimension),
        _word("scope_type", "What the row is about.", v.ScopeType),
        _word("scope_id", "Which one: the network's name, a professional group, an organisation."),
        _count("level", "level 1 to 3", "The level, where one can be given: 3 active, 2 developing, 1 potential."),
        _count("level_lo", "level 1 to 3", "The lowest level that the evidence allows."),
        _count("level_hi", "level 1 to 3", "The highest level that the evidence allows."),
        _count("proxy_level", "level 1 to 3", "What a stand-in measure suggests; never a level."),
        _word("evidence_class", "How far ties can speak to this indicator.", v.EvidenceClass),
        _word("basis", "What the level rests on.", v.Basis),
        _word("trend", "The level against the same scope one whole window earlier.", v.Trend),
        _number("coverage", "share", "Share of provider organisations known to have delivered; empty if unknown."),
        _count("n_organisations", "organisations", "Organisations behind the row."),
        _count("n_events", "events", "Meetings, cases or roles behind the row."),
        Column("reasons", pa.list_(pa.string()), "text", "Why the row says what it says, in plain words."),
        Column(
            "evidence",
            EVIDENCE,
            "list of measures",
            "Each measure the rule looked at: its value, the operator and threshold, whether met, n and coverage.",
        ),
        _count(
            "axis_order", "axis number", "The axis' place in the diagram: 1 to 10, in the order of D'Amour's model."
        ),
        _word(
            "mark",
            "What stands on the axis: point (a level), band (from level_lo to level_hi), hollow (only a proxy_level, "
            "which nothing is joined to), gap (nothing: left open, neither drawn at 0 nor bridged).",
            v.Mark,
        ),
        _word(
            "typology",
            "By what the network is sorted: the levels of its indicators, or who convenes its governance meetings, or "
            "its specialist MDTs.",
            v.Typology,
        ),
        _word(
            "varied",
            "What was varied: threshold, window, acquainted_after (contacts that make an acquaintance), "
            "min_overlap_minutes, projection, missing_meetings or missing_people.",
        ),
        _text("setting", "What it was set to: a condition and its threshold, a length, a number, a share left out."),
        Column(
            "moved", pa.bool_(), "flag", "Whether the level, interval or proxy is another; empty if none can be told."
        ),
        _number("kept_share", "share of draws", "Share of draws that keep the level, where records were left out."),
        _count("n_variations", "variations", "Variations and slices that could be told."),
        _number("steady_share", "share", "Share of variations and slices that leave the level as it is."),
        Column("robust", pa.bool_(), "flag", "Whether at least 95 % of them do; empty if none could be told."),
        Column("whole", pa.bool_(), "flag", "Whether coverage records say that every day of the window is complete."),
        _word(
            "measure_table",
            "The table that the compared measure is in; in `activity`, the one whose rows are about the same.",
        ),
        _count(
            "n",
            "people, meetings, cases, attempts or referrals",
            "What the step's value is counted from: of a mean, the people; of a share, what it is a share of; of a number, "
            "the number itself.",
        ),
        _word(
            "entity",
            "What is compared: the key of the measure's row, less time, layer and metric. `constant_panel` and "
            "`matched_panel` in it say that only those who were there before and after are counted.",
        ),
        _text("before", "The earlier period, phase or slice."),
        _text("after", "The later period, phase or slice."),
        _count("n_before", "slices or steps", "Windows (of a series: months) with a value in the earlier period."),
        _count("n_after", "slices or steps", "Windows (of a series: months) with a value in the later period."),
        _number("value_before", "see metric", "Value in the last whole window of the earlier period (a series: mean)."),
        _number("value_after", "see metric", "Value in the last whole window of the later period (a series: mean)."),
        _number("difference", "see metric", "After less before; of a series, the step or the change of slope."),
        _number(
            "ci_low", "see metric", "Lower end of the 95 % interval: of the difference, or of the share surviving."
        ),
        _number(
            "ci_high", "see metric", "Upper end of the 95 % interval: of the difference, or of the share surviving."
        ),
        _number("p_value", "probability", "Chance of so large a difference, or correlation, were there none."),
        _number("q_value", "probability", "The same, allowing for the number of comparisons (Benjamini-Hochberg)."),
        _word("method", "How the difference was judged.", v.ChangeMethod),
        _word("verdict", "What the comparison shows.", v.Trend),
        _word(
            "drawn",
            "What was drawn again: the meetings of the window, or the organisations with their people.",
            v.Drawn,
        ),
        Column(
            "draws",
            pa.list_(pa.float64()),
            "see metric",
            "The metric in every draw; the same place in the list is the same draw in every slice and metric.",
        ),
        _word("change", "What became of the tie: formed, kept or dissolved (there before, not after).", v.TieChange),
        _number("weight_before", "see layer", "Weight of the tie in the earlier window; empty if there was none."),
        _number("weight_after", "see layer", "Weight of the tie in the later window; empty if there is none."),
        Column(
            "on_panel",
            pa.bool_(),
            "flag",
            "Whether both organisations are on both rosters; if not, one of them opened, closed or changed, not only a "
            "tie.",
        ),
        _count("formed", "ties", "Ties that are there after and were not before."),
        _count("kept", "ties", "Ties that are there before and after."),
        _count("dissolved", "ties", "Ties that were there before and are not after."),
        _count("never", "pairs", "Pairs without a tie before and after; ordered pairs where ties have a direction."),
        _number("jaccard", "share of ties", "Share of ties kept: kept / (kept + dissolved + formed)."),
        _number("retention", "share of ties", "Share of earlier ties still there: kept / (kept + dissolved)."),
        _number(
            "formation",
            "share of untied pairs",
            "Share of pairs without a tie that got one: formed / (formed + never).",
        ),
        _number(
            "correlation",
            "correlation -1 to 1",
            "Pearson's correlation of the weights of all pairs of the panel, before and after; no tie weighs 0.",
        ),
        _count(
            "n_permutations",
            "permutations",
            "Permutations behind the p-value; empty if there is none. All there are if these are 10,000 at most.",
        ),
        _word("spell_kind", "What is held: a joint role, the lead of one body, any lead of the network.", v.SpellKind),
        _word(
            "spell_basis",
            "Which spells. Joint roles: any, those recorded as such, or those that overlapping_posts show. Leads: any, or "
            "those that reach so far (network, organisation); leaders have a right to decide.",
            v.SpellBasis,
        ),
        _count("days", "days", "Time since the spell began."),
        _count("n_at_risk", "spells", "Spells seen just before that age."),
        _count("n_ended", "spells", "Of these, spells that ended at that age."),
        _count("n_censored", "spells", "Of these, spells that had not ended when they were last seen."),
        _number("survival", "share", "Share of spells estimated to last longer (Kaplan and Meier)."),
        _number(
            "median_days",
            "days",
            "First age that no more than half are estimated to outlast; empty where the curve stays above a half, or of fewer "
            "than eight spells.",
        ),
        _count("n_spells", "spells", "Spells behind the curve."),
        _count("n_left_out", "spells", "Spells whose first day nobody recorded: their age is not known."),
        _word("instrument", "The survey instrument."),
        _word("wave", "The wave of the survey, in the instrument's own word; empty text where answers have none."),
        _date("wave_date", "The day of the wave's last answer."),
        _word(
            "item",
            "The item; or the indicator that several items speak to, the factor that they belong to, an item bank's "
            "domain, or all_items.",
        ),
        _word("stratum_type", "Whose answers: everybody's, or one part's.", v.Stratum),
        _word("stratum", "Which part: a role of organisations or a professional group; all."),
        _word(
            "measure",
            "What is measured, scores being on the scale from 1 to 5 (item banks: 0 to 100). survey_mean: mean of the "
            "organisations' mean scores. survey_simple_mean, survey_sd, survey_iqr: mean, standard deviation (n - 1) "
            "and interquartile range of people's scores. survey_agreement: share of people who score 4 or more (item "
            "banks: 60 or more, the upper two fifths). survey_specialist_mean, survey_local_mean: survey_mean of "
            "organisations of one role. survey_difference: the first less the second; survey_gap: without its sign. survey_alpha: Cronbach's alpha of a factor's "
            "items, over those who answered all of them. n_organisations: organisations that people answered for. "
            "response_rate: people who answered, of those expected. answers_out_of_range: answers that the scale does "
            "not hold, not scored. straight_lined: people who gave one answer to every item, kept. "
            "answers_not_declared: answers to an item that no instrument declares, not scored.",
        ),
        *(
            _number(f"share_level_{level}", "share", f"Share of people whose answer is level {level}.")
            for level in (1, 2, 3)
        ),
        _count("median_level", "level 1 to 3", "The middle answer; of two middle ones, the lower."),
        Column("split", pa.bool_(), "flag", "Whether at least a quarter each say level 1 and level 3."),
        *(
            _count(
                f"elements_level_{level}",
                "elements",
                f"Elements whose median is level {level}, in the same wave and stratum; empty unless enough people "
                "answered seven elements.",
            )
            for level in (1, 2, 3)
        ),
        _word("source", "The file or feed."),
        _word("record_kind", "The kind of record.", v.RecordKind),
        _word("predecessor_id", "The organisation that came before."),
        _word("successor_id", "The organisation that followed."),
        _word(
            "link_type",
            "How it followed: merger, demerger, name_change, transfer (of functions); successor, where only the "
            "organisation's row names it, or the link's record says no type: taken for a merger.",
        ),
        _date("link_date", "The day from which the successor stands; empty if the records give none."),
        _word("organisation_basis", "As which organisations the run states its records.", v.OrganisationBasis),
        Column(
            "followed",
            pa.bool_(),
            "flag",
            "Whether records of the one are stated as the other because of this link; on the basis as_recorded, never.",
        ),
        _word(
            "outcome",
            "What became of the link, or, on the basis as_recorded, would with constant_successor. followed; by_rule: a "
            "rule of the configuration decides; split_off: the organisation goes on under a new name, and this part does "
            "not; ambiguous: several followed and no rule says which, so that it stands as itself; functions_only: no "
            "organisation became another; undated: no day is given; not_listed: the successor is none of the records'.",
            v.LinkOutcome,
        ),
        _date("period_start", "First day spoken of."),
        _date("period_end", "First day after."),
        _count("expected_n", "records", "Records expected."),
        _count("received_n", "records", "Records received."),
        _word("complete", "Whether all that was expected came.", v.Complete),
        _text("table", "Name of the table."),
        _text("column_or_metric", "Name of the column, or of the metric."),
        _text(
            "type",
            "In `catalog`, whether it is a column, with its type, or a metric, with its layers. In `typologies`, the type "
            "found: active, developing or potential; shared, lead_organisation, network_body or hybrid; or "
            "not_classified.",
        ),
        _text("unit", "Unit of the values."),
        _number("minimum", "see unit", "Lowest possible value."),
        _number("maximum", "see unit", "Highest possible value; empty if there is none."),
        _text("undefined_when", "When there is no value."),
        _text("meaning", "What it means."),
        _text("formula", "How it is computed."),
        _text("reference", "Where the definition comes from."),
        _text("column", "Name of the column."),
        _word(
            "rule",
            "The rule of the copy's profile that the values are under: which of its conditions a withheld value met is not "
            "told, as that would tell which are small.",
            v.SharingRule,
        ),
        _word(
            "protection",
            "What was done to values of a shared copy: withheld, as they are over few people or would give such a value "
            "away, or rounded.",
            v.Protection,
        ),
        _count("n_values", "values", "How many values."),
        _count("row", "row number", "Row in the source, the first row of data being 1."),
        _word("field", "The field at fault."),
        _word("reason", "Code of the reason why the row was put aside.", v.Reason),
        _text("message", "The reason in plain words."),
        _text("raw", "The row itself, as JSON."),
    ]
}
