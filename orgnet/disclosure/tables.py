"""How each published table is protected: one query a table, whose columns `rule_NAME` say why NAME is not as measured.

Every table of a shared copy is in `PROTECTED`; one that is not known here is not shared.
"""

from orgnet.disclosure.about import COUNTED, About
from orgnet.disclosure.opened import JUDGED, counted_names, names_about
from orgnet.disclosure.rules import DisclosureRule
from orgnet.vocabulary import Layer

_COUNTED = ", ".join(f"'{layer}'" for layer in sorted(COUNTED))
_FEW, _FOLLOWS, _ROUNDED = DisclosureRule.FEW_PEOPLE, DisclosureRule.FOLLOWS, DisclosureRule.ROUNDED
_SUBTRACTION = DisclosureRule.BY_SUBTRACTION
_STRENGTHS = "'strength', 'in_strength', 'out_strength'"
_AT_EVENTS = "'events_attended', 'events_attended_share', 'two_mode_betweenness'"
_MEAN_ATTENDANCE = "'events_per_organisation', 'organisations_per_event', 'two_mode_density'"
_PEOPLE_KINDS = "'organisations', 'meetings', 'documents', 'coverage'"
"""Kinds of record that are not of individuals; of all others, so many records are so many people or patients."""

# A tie that too few people make keeps its place: that it is there is told of organisations. The combined layer's days and
# events would give those of a tie back that is withheld, and go with it.
_TIES = f"""
WITH judged AS (
    SELECT t.*, p.n,
        value_rule(if(t.layer IN ({_COUNTED}), 'individuals', 'people'), t.weight, p.n) AS own,
        f.rule AS further, fp.rule AS further_people
    FROM ties t JOIN tie_people p USING (slice_start, layer, source_id, target_id)
    LEFT JOIN further f ON f.cell_table = 'ties' AND f.metric = 'weight' AND f.layer = t.layer AND f.day = t.slice_start
        AND f.entity = t.source_id || ' / ' || t.target_id
    LEFT JOIN further fp ON fp.cell_table = 'ties' AND fp.metric = 'people' AND fp.layer = t.layer
        AND fp.day = t.slice_start AND fp.entity = t.source_id || ' / ' || t.target_id
), pairs AS (
    SELECT slice_start, least(source_id, target_id) AS one, greatest(source_id, target_id) AS two,
        bool_or(hidden(coalesce(further, own))) AS any_hidden
    FROM judged WHERE layer <> '{Layer.COMBINED}' GROUP BY ALL
), ruled AS (
    SELECT j.*, j.layer = '{Layer.COMBINED}' AS of_layers,
        CASE WHEN of_layers THEN if(coalesce(any_hidden, false), '{_FOLLOWS}', NULL)
            ELSE coalesce(further, own) END AS rule
    FROM judged j LEFT JOIN pairs q ON q.slice_start = j.slice_start AND q.one = least(source_id, target_id)
        AND q.two = greatest(source_id, target_id)
)
SELECT * EXCLUDE (weight, events, people, first_seen, last_seen),
    CASE WHEN of_layers OR rule IS NULL THEN weight WHEN rule = '{_ROUNDED}' THEN near(weight) END AS weight,
    CASE WHEN rule IS NULL THEN events WHEN rule = '{_ROUNDED}' THEN CAST(near(events) AS BIGINT) END AS events,
    CASE WHEN NOT hidden(rule) AND further_people IS NULL THEN as_shown(people) END AS people,
    CASE WHEN NOT hidden(rule) THEN first_seen END AS first_seen,
    CASE WHEN NOT hidden(rule) THEN last_seen END AS last_seen,
    state(if(of_layers, NULL, rule), 'ok') AS status,
    if(of_layers, NULL, rule) AS rule_weight, rule AS rule_events, if(hidden(rule), rule, NULL) AS rule_first_seen,
    coalesce(if(people > 0, if(hidden(rule), rule, NULL), NULL), further_people, count_rule(people)) AS rule_people
FROM ruled
"""

_TIE_CHANGES = """
WITH sides AS (
    SELECT c.*, b.rule AS rule_before, a.rule AS rule_after,
        b.weight AS before_shown, a.weight AS after_shown
    FROM tie_changes c
    LEFT JOIN labelled lb ON lb.label = c.before LEFT JOIN labelled la ON la.label = c.after
    LEFT JOIN protected_ties b ON b.slice_start = lb.slice_start AND b.layer = c.layer AND b.source_id = c.source_id
        AND b.target_id = c.target_id
    LEFT JOIN protected_ties a ON a.slice_start = la.slice_start AND a.layer = c.layer AND a.source_id = c.source_id
        AND a.target_id = c.target_id
)
SELECT * EXCLUDE (weight_before, weight_after, before_shown, after_shown, rule_before, rule_after),
    before_shown AS weight_before, after_shown AS weight_after,
    rule_before AS rule_weight_before, rule_after AS rule_weight_after,
    state(CASE WHEN hidden(rule_before) THEN rule_before WHEN hidden(rule_after) THEN rule_after
        ELSE coalesce(rule_before, rule_after) END, 'ok') AS status
FROM sides
"""


def _metrics(
    table: str, people: str, join: str, entity: str, more: str = "", more_rule: str = "NULL", judged: str = ""
) -> str:
    """A metric table: `people` gives the individuals behind each row, `entity` its name among further numbers.

    `judged` is what `more` columns are made from.
    """
    return f"""
WITH judged AS (
    SELECT m.*, a.about, {people} AS behind, f.rule AS further, {more_rule} AS first_rule{judged}
    FROM {table} m
    LEFT JOIN about a ON a.measure_table = '{table}' AND a.layer = m.layer AND a.metric = m.metric
    {join}
    LEFT JOIN further f ON f.cell_table = '{table}' AND f.layer = m.layer AND f.metric = m.metric
        AND f.day = m.slice_start AND f.entity = {entity}
), ruled AS (
    SELECT *, CASE WHEN status IN ({JUDGED}) THEN coalesce(first_rule, further,
        value_rule(about, value, if(about = 'individuals', greatest(value, 0), behind))) END AS rule
    FROM judged
)
SELECT * EXCLUDE (value, status{", n_people" if more else ""}), protected(about, value, behind, rule) AS value,
    state(rule, status) AS status, rule AS rule_value{more}
FROM ruled
"""


_ORGANISATIONS = _metrics(
    "organisation_metrics",
    f"if(m.metric IN ({_AT_EVENTS}, 'board_attendance'), b.n_people, coalesce(p.n, if(p.layer IS NULL, 0, NULL)))",
    """LEFT JOIN people_behind b ON b.slice_start = m.slice_start AND b.layer = m.layer AND b.metric = m.metric
        AND b.organisation_id = m.organisation_id
    LEFT JOIN attendance_hidden e ON e.slice_start = m.slice_start AND e.layer = m.layer
        AND e.organisation_id = m.organisation_id
    LEFT JOIN organisation_people p ON p.slice_start = m.slice_start AND p.layer = m.layer
        AND p.organisation_id = m.organisation_id
    LEFT JOIN organisations_of_hidden h ON h.slice_start = m.slice_start AND h.layer = m.layer
        AND h.organisation_id = m.organisation_id""",
    "m.organisation_id",
    # An organisation's strength is the sum of its ties': with one of them hidden, the others would give it.
    more_rule=f"CASE WHEN h.layer IS NOT NULL AND m.layer <> '{Layer.COMBINED}' AND m.metric IN ({_STRENGTHS}) AND m.value > 0 "
    f"THEN '{_SUBTRACTION}' WHEN m.metric IN ({_AT_EVENTS}) THEN e.rule END",
)
_PAIRS = _metrics(
    "pair_metrics",
    "p.n",
    """LEFT JOIN protected_pairs p ON p.slice_start = m.slice_start AND p.layer = m.layer
        AND p.organisation_id = m.organisation_id AND p.other_organisation_id = m.other_organisation_id""",
    "m.organisation_id || ' / ' || m.other_organisation_id",
    more_rule="if(m.metric IN ('weight', 'age', 'days_since_first', 'recency', 'reciprocity') AND hidden(p.rule) "
    f"AND (m.layer <> '{Layer.COMBINED}' OR m.metric IN ('age', 'days_since_first', 'recency')), "
    "if(m.metric = 'weight', p.rule, coalesce(p.rule, 'follows')), NULL)",
)
_GROUPS = _metrics(
    "group_metrics",
    "g.n",
    """LEFT JOIN group_people g ON g.slice_start = m.slice_start AND g.professional_group = m.professional_group
    LEFT JOIN group_people o ON o.slice_start = m.slice_start AND o.professional_group = m.other_group
    LEFT JOIN further n ON n.cell_table = 'group_people' AND n.day = m.slice_start
        AND n.entity = m.professional_group""",
    "m.professional_group",
    more=""",
    if(further_n IS NULL, as_shown(n_people), NULL) AS n_people, coalesce(further_n, count_rule(n_people)) AS rule_n_people""",
    more_rule=f"if(is_small(g.n) OR is_small(o.n), '{_FEW}', NULL)",
    judged=", n.rule AS further_n",
)
_NETWORK = _metrics(
    "network_metrics",
    "coalesce(b.n_people, l.n, if(l.layer IS NULL, 0, NULL))",
    """LEFT JOIN people_behind b ON b.slice_start = m.slice_start AND b.layer = m.layer AND b.metric = m.metric
        AND b.organisation_id IS NULL
    LEFT JOIN attendance_hidden e ON e.slice_start = m.slice_start AND e.layer = m.layer AND e.alone
    LEFT JOIN layer_people l ON l.slice_start = m.slice_start AND l.layer = m.layer""",
    "m.node_set",
    more_rule=f"""CASE WHEN a.about = 'share' AND b.n_people IS NULL THEN '{DisclosureRule.PEOPLE_UNKNOWN}'
        WHEN e.alone AND m.metric IN ({_MEAN_ATTENDANCE}) THEN '{_SUBTRACTION}' END""",
)

_INDIVIDUALS, _SHARES = names_about(About.INDIVIDUALS), counted_names()
_OVER_PEOPLE = names_about(About.PEOPLE, About.SHARE)
_EVIDENCE = f"""list_transform(evidence, lambda e: struct_pack(
        measure := e.measure,
        value := CASE
            WHEN e.measure = 'joint_roles_active' THEN if(roles_hidden OR is_small(e.value), NULL, near(e.value))
            WHEN e.measure IN ({_INDIVIDUALS}) THEN CAST(as_shown(e.value) AS DOUBLE)
            WHEN starts_with(e.measure, 'level of ') AND list_contains(lost, substr(e.measure, 10)) THEN NULL
            WHEN (e.measure IN ({_OVER_PEOPLE}) OR starts_with(e.measure, 'survey_')) AND is_small(e.n) THEN NULL
            WHEN e.measure IN ({_SHARES}) AND e.n > 0 AND (is_small(part_of(e.value, e.n))
                OR is_small(e.n - part_of(e.value, e.n))) THEN NULL
            WHEN e.measure IN ({_SHARES}) AND e.n > 0 THEN least(near(part_of(e.value, e.n)) / near(e.n), 1.0)
            ELSE e.value END,
        operator := e.operator, threshold := e.threshold,
        met := CASE
            WHEN e.measure = 'joint_roles_active' AND (roles_hidden OR is_small(e.value)) AND e.threshold > 1 THEN NULL
            WHEN (e.measure IN ({_OVER_PEOPLE}) OR starts_with(e.measure, 'survey_')) AND is_small(e.n) THEN NULL
            WHEN starts_with(e.measure, 'level of ') AND list_contains(lost, substr(e.measure, 10)) THEN NULL
            ELSE e.met END,
        n := as_shown(e.n), coverage := e.coverage))"""
# Every number of people is protected, also those that stand in the reasons; of a row over few people, nothing is left.
_INDICATORS = f"""
WITH judged AS (
    SELECT i.*, CASE WHEN is_small(i.n_people) THEN '{_FEW}' END AS rule,
        coalesce(fn.rule, fg.rule) AS further, j.rule IS NOT NULL AS roles_hidden
    FROM indicators i
    LEFT JOIN further fn ON fn.cell_table = 'network_people' AND fn.day = i.slice_start AND i.scope_type = 'network'
    LEFT JOIN further fg ON fg.cell_table = 'group_people' AND fg.day = i.slice_start AND i.scope_type = 'group'
        AND fg.entity = i.scope_id
    LEFT JOIN further j ON j.cell_table = 'network_metrics' AND j.metric = 'joint_roles_active' AND j.day = i.slice_start
), lost_groups AS (
    SELECT slice_start, indicator, list(scope_id ORDER BY scope_id) AS lost
    FROM judged WHERE scope_type = 'group' AND rule IS NOT NULL GROUP BY ALL
), ruled AS (
    SELECT j.*, coalesce(l.lost, []) AS lost
    FROM judged j LEFT JOIN lost_groups l ON l.slice_start = j.slice_start AND l.indicator = j.indicator
        AND j.scope_type = 'network'
)
SELECT * EXCLUDE (level, level_lo, level_hi, proxy_level, basis, status, trend, n_people, n_organisations, n_events,
        reasons, evidence),
    if(rule IS NULL, level, NULL) AS level, if(rule IS NULL, level_lo, NULL) AS level_lo,
    if(rule IS NULL, level_hi, NULL) AS level_hi, if(rule IS NULL, proxy_level, NULL) AS proxy_level,
    if(rule IS NULL, basis, NULL) AS basis, if(rule IS NULL, status, 'suppressed') AS status,
    if(rule IS NULL, trend, NULL) AS trend,
    if(further IS NULL, as_shown(n_people), NULL) AS n_people,
    -- at least one person in each: as many organisations would tell how few people there are
    if(rule IS NULL, n_organisations, NULL) AS n_organisations,
    CASE WHEN rule IS NOT NULL THEN NULL WHEN indicator = 'infoex' THEN as_shown(n_events) ELSE n_events END AS n_events,
    if(rule IS NULL, list_filter(reasons, lambda r: len(lost) = 0
        OR NOT (starts_with(r, 'by group:') OR starts_with(r, 'mixed='))), [withheld()]) AS reasons,
    if(rule IS NULL, {_EVIDENCE}, []) AS evidence,
    rule AS rule_level, coalesce(further, count_rule(n_people)) AS rule_n_people,
    CASE WHEN indicator = 'infoex' THEN count_rule(n_events) END AS rule_n_events
FROM ruled
"""


def _follows(table: str, columns: tuple[str, ...], on: str, more: str = "") -> str:
    """A table that is made from levels: rows of a scope whose level is withheld are withheld too."""
    nulls = ", ".join(f"if(lost, NULL, t.{column}) AS {column}" for column in columns)
    status = "if(lost, 'suppressed', t.status)" if table == "kiviat" else "if(lost, 'suppressed', 'ok')"
    exclude = ", ".join((*columns, *(["status"] if table == "kiviat" else []), *(["mark"] if "mark" in more else [])))
    exclude += ", reasons" if "reasons" in more else ""
    return f"""
SELECT t.* EXCLUDE ({exclude}, lost), {nulls}, {status} AS status, if(lost, '{_FOLLOWS}', NULL) AS rule_level{more}
FROM (SELECT t.*, EXISTS (FROM protected_indicators p WHERE hidden(p.rule) AND {on}) AS lost FROM {table} t) t
"""


_OF_SCOPE = "p.indicator = t.indicator AND p.scope_type = t.scope_type AND p.scope_id = t.scope_id"
_KIVIAT = _follows(
    "kiviat",
    ("level", "level_lo", "level_hi", "proxy_level"),
    "p.indicator = t.indicator AND p.slice_start = t.slice_start AND p.scope_type = 'network'",
    ", if(lost, 'gap', t.mark) AS mark",
)
_SENSITIVITY = _follows(
    "sensitivity",
    ("level_lo", "level_hi", "proxy_level", "moved", "kept_share"),
    f"{_OF_SCOPE} AND p.slice_start = t.slice_start",
)
_ROBUSTNESS = _follows(
    "robustness",
    ("n_variations", "steady_share", "robust"),
    _OF_SCOPE,
    ", if(lost, [withheld()], t.reasons) AS reasons",
)

# Both sides are those of the table that is compared, where it tells them; what is of a whole series rests on every step.
_CHANGES = f"""
WITH sides AS (
    SELECT c.*, a.about, lb.slice_start AS before_day, la.slice_start AS after_day,
        coalesce(c.layer, '') = '' AND c.measure_table <> 'indicators' AS of_series,
        list_distinct(list_filter(str_split(replace(c.entity, ' against ', ' / '), ' / '),
            lambda g: list_contains(known, g))) AS groups
    FROM changes c
    CROSS JOIN (SELECT coalesce(list(DISTINCT professional_group), []) AS known FROM group_people)
    LEFT JOIN labelled lb ON lb.label = c.before LEFT JOIN labelled la ON la.label = c.after
    LEFT JOIN about a ON a.measure_table = c.measure_table AND a.metric = c.metric
        AND a.layer = coalesce(nullif(c.layer, ''), '{Layer.COMBINED}')
), smallest AS (
    SELECT DISTINCT s.groups, s.before_day, s.after_day,
        (SELECT min(n) FROM group_people g WHERE list_contains(s.groups, g.professional_group) AND n > 0
            AND g.slice_start IN (s.before_day, s.after_day)) AS n_group,
        (SELECT bool_or(is_small(n)) FROM group_people g WHERE list_contains(s.groups, g.professional_group)) AS ever_small
    FROM sides s WHERE len(s.groups) > 0
), lost AS (
    SELECT DISTINCT scope_type || ' / ' || scope_id AS entity, indicator, slice_start
    FROM protected_indicators WHERE hidden(rule)
), steps AS (
    SELECT measure_table, entity, metric, bool_or(hidden(rule)) AS any_hidden, bool_or(rule = '{_ROUNDED}') AS any_rounded
    FROM protected_activity GROUP BY ALL
), ruled AS (
    SELECT s.*,
        CASE
            WHEN s.measure_table = 'indicators' THEN if(lb.entity IS NOT NULL OR la.entity IS NOT NULL, '{_FOLLOWS}', NULL)
            WHEN len(s.groups) > 0 AND ends_with(s.entity, '_panel') THEN '{DisclosureRule.PEOPLE_UNKNOWN}'
            WHEN is_small(m.n_group) OR (s.of_series AND m.ever_small) THEN '{_FEW}'
            WHEN s.of_series AND t.any_hidden THEN '{_SUBTRACTION}'
            WHEN s.of_series AND t.any_rounded THEN '{_ROUNDED}'
            WHEN s.of_series THEN if(s.about IS NULL, '{DisclosureRule.NOT_DECLARED}', NULL)
        END AS whole_rule,
        coalesce(b.rule, CASE WHEN b.entity IS NULL AND s.value_before IS NOT NULL AND NOT s.of_series AND s.measure_table <> 'indicators'
            THEN value_rule(s.about, s.value_before, if(s.about = 'individuals', s.value_before, coalesce(m.n_group, s.of_panel)))
            END) AS rule_before,
        coalesce(e.rule, CASE WHEN e.entity IS NULL AND s.value_after IS NOT NULL AND NOT s.of_series AND s.measure_table <> 'indicators'
            THEN value_rule(s.about, s.value_after, if(s.about = 'individuals', s.value_after, coalesce(m.n_group, s.of_panel)))
            END) AS rule_after,
        b.value AS before_shown, e.value AS after_shown, b.entity IS NOT NULL AS told_before, e.entity IS NOT NULL AS told_after
    FROM (SELECT *, (SELECT max(n) FROM layer_people l WHERE l.layer = sides.layer AND l.slice_start = sides.after_day)
        AS of_panel FROM sides) s
    LEFT JOIN smallest m ON m.groups = s.groups AND m.before_day IS NOT DISTINCT FROM s.before_day
        AND m.after_day IS NOT DISTINCT FROM s.after_day
    LEFT JOIN steps t ON t.measure_table = s.measure_table AND t.entity = s.entity AND t.metric = s.metric AND s.of_series
    LEFT JOIN protected_cells b ON NOT s.of_series AND b.measure_table = s.measure_table AND b.layer = s.layer
        AND b.entity = s.entity AND b.metric = s.metric AND b.slice_start = s.before_day
    LEFT JOIN protected_cells e ON NOT s.of_series AND e.measure_table = s.measure_table AND e.layer = s.layer
        AND e.entity = s.entity AND e.metric = s.metric AND e.slice_start = s.after_day
    LEFT JOIN lost lb ON s.measure_table = 'indicators' AND lb.entity = s.entity AND lb.indicator = s.metric
        AND lb.slice_start = s.before_day
    LEFT JOIN lost la ON s.measure_table = 'indicators' AND la.entity = s.entity AND la.indicator = s.metric
        AND la.slice_start = s.after_day
), told AS (
    SELECT *,
        CASE WHEN hidden(whole_rule) THEN whole_rule WHEN hidden(rule_before) THEN rule_before
            WHEN hidden(rule_after) THEN rule_after ELSE coalesce(whole_rule, rule_before, rule_after) END AS rule,
        CASE WHEN hidden(whole_rule) OR hidden(rule_before) THEN NULL
            WHEN told_before AND rule_before = '{_ROUNDED}' THEN before_shown
            WHEN coalesce(rule_before, whole_rule) = '{_ROUNDED}' THEN if(about = 'individuals', near(value_before), NULL)
            ELSE value_before END AS before_value,
        CASE WHEN hidden(whole_rule) OR hidden(rule_after) THEN NULL
            WHEN told_after AND rule_after = '{_ROUNDED}' THEN after_shown
            WHEN coalesce(rule_after, whole_rule) = '{_ROUNDED}' THEN if(about = 'individuals', near(value_after), NULL)
            ELSE value_after END AS after_value
    FROM ruled
)
SELECT * EXCLUDE (value_before, value_after, difference, ci_low, ci_high, p_value, q_value, verdict, reasons, rule_before,
        rule_after),
    before_value AS value_before, after_value AS value_after,
    CASE WHEN rule IS NULL THEN difference WHEN rule = '{_ROUNDED}' AND NOT of_series THEN after_value - before_value END
        AS difference,
    if(rule IS NULL, ci_low, NULL) AS ci_low, if(rule IS NULL, ci_high, NULL) AS ci_high,
    if(hidden(rule), NULL, p_value) AS p_value, if(hidden(rule), NULL, q_value) AS q_value,
    if(hidden(rule), NULL, verdict) AS verdict,
    CASE WHEN hidden(rule) THEN [withheld()] ELSE reasons END AS reasons,
    state(rule, 'ok') AS status, rule AS rule_difference, rule_before AS rule_value_before, rule_after AS rule_value_after
FROM told
"""

_ACTIVITY = f"""
WITH judged AS (
    SELECT y.*, a.about, f.rule AS further,
        if(y.measure_table = 'group_metrics', coalesce(g.small, is_small(y.n)), is_small(y.n)) AS few
    FROM activity y
    LEFT JOIN about a ON a.measure_table = y.measure_table AND a.metric = y.metric AND a.layer = '{Layer.COMBINED}'
    LEFT JOIN (SELECT professional_group || ' / ' || professional_group AS entity, bool_or(is_small(n)) AS small
        FROM group_people GROUP BY ALL) g ON g.entity = y.entity
    LEFT JOIN further f ON f.cell_table = 'activity' AND f.metric = y.metric AND f.day = y.period_start
), ruled AS (
    SELECT *, about = 'organisations' AS of_meetings,
        CASE WHEN of_meetings THEN NULL
            WHEN status IN ({JUDGED}) THEN coalesce(if(few, '{_FEW}', NULL), further, value_rule(about, value, n)) END AS rule
    FROM judged
)
SELECT * EXCLUDE (value, n, status), protected(about, value, n, rule) AS value,
    CASE WHEN of_meetings THEN n WHEN further IS NULL AND NOT few THEN as_shown(n) END AS n, state(rule, status) AS status,
    rule AS rule_value, if(of_meetings, NULL, coalesce(further, count_rule(n))) AS rule_n
FROM ruled
"""

# Steps of a curve at which few ended are taken together with those that follow: each says of some people how long they
# stayed. A curve over few people is one row, that says so.
_SURVIVAL = f"""
WITH curves AS (
    SELECT v.*, is_small(v.n_people) OR is_small(v.n_spells)
            OR list_contains(coalesce(h.lost, []), coalesce(v.professional_group, '')) AS few,
        k.days IS NOT NULL AS kept,
        row_number() OVER (PARTITION BY v.spell_kind, v.spell_basis, v.professional_group ORDER BY v.days) AS step
    FROM survival v
    LEFT JOIN hidden_curves h ON h.spell_kind = v.spell_kind AND h.spell_basis = v.spell_basis
    LEFT JOIN kept_steps k ON k.spell_kind = v.spell_kind AND k.spell_basis = v.spell_basis
        AND k.professional_group IS NOT DISTINCT FROM v.professional_group AND k.days = v.days
)
SELECT * EXCLUDE (n_at_risk, n_ended, n_censored, survival, ci_low, ci_high, median_days, n_spells, n_left_out, n_people, days,
        status),
    if(few, 0, days) AS days,
    if(most() > 0, NULL, n_at_risk) AS n_at_risk, if(most() > 0, NULL, n_ended) AS n_ended,
    if(most() > 0, NULL, n_censored) AS n_censored,
    if(few, NULL, survival) AS survival, if(few, NULL, ci_low) AS ci_low, if(few, NULL, ci_high) AS ci_high,
    if(few, NULL, median_days) AS median_days, if(few, NULL, as_shown(n_spells)) AS n_spells,
    if(few, NULL, as_shown(n_left_out)) AS n_left_out, if(few, NULL, as_shown(n_people)) AS n_people,
    if(few, 'suppressed', status) AS status,
    if(few, '{_FEW}', NULL) AS rule_survival, if(few, NULL, count_rule(n_people)) AS rule_n_people,
    if(most() > 0, if(few, '{_FEW}', '{_SUBTRACTION}'), NULL) AS rule_n_ended
FROM curves WHERE if(few, step = 1, most() = 0 OR kept)
"""

_SURVEY = f"""
WITH judged AS (
    SELECT s.*, h.stratum IS NOT NULL AS further,
        CASE WHEN s.measure = 'n_organisations' THEN 'organisations' WHEN s.measure = 'survey_agreement' THEN 'share'
            ELSE 'people' END AS about
    FROM survey_scores s LEFT JOIN hidden_answers h ON h.cell_table = 'survey_scores' AND h.instrument = s.instrument
        AND h.wave = s.wave AND h.item = s.item AND h.stratum_type = s.stratum_type AND h.stratum = s.stratum
), ruled AS (
    SELECT *, CASE WHEN further THEN '{_SUBTRACTION}' WHEN is_small(n_people) THEN '{_FEW}'
        WHEN status IN ({JUDGED}) AND value IS NOT NULL THEN value_rule(about, value, n_people) END AS rule
    FROM judged
)
SELECT * EXCLUDE (value, n_people, status), protected(about, value, n_people, rule) AS value,
    if(further, NULL, as_shown(n_people)) AS n_people, state(rule, status) AS status, rule AS rule_value,
    if(further, '{_SUBTRACTION}', count_rule(n_people)) AS rule_n_people
FROM ruled
"""
_SHARES_OF_LEVELS = ("share_level_1", "share_level_2", "share_level_3")
_MATURITY = f"""
WITH judged AS (
    SELECT s.*, h.stratum IS NOT NULL AS further,
        list_bool_or(list_transform([share_level_1, share_level_2, share_level_3],
            lambda x: coalesce(is_small(part_of(x, s.n_people)), false))) AS some_small
    FROM maturity_matrix s LEFT JOIN hidden_answers h ON h.cell_table = 'maturity_matrix' AND h.instrument = s.instrument
        AND h.wave = s.wave AND h.item = s.item AND h.stratum_type = s.stratum_type AND h.stratum = s.stratum
), ruled AS (
    SELECT *, CASE WHEN further THEN '{_SUBTRACTION}' WHEN is_small(n_people) THEN '{_FEW}'
        WHEN some_small THEN '{DisclosureRule.SMALL_PART}' WHEN n_people > 0 AND near(7) <> 7 THEN '{_ROUNDED}' END AS rule
    FROM judged
)
SELECT * EXCLUDE ({", ".join(_SHARES_OF_LEVELS)}, median_level, split, n_people, status),
    {", ".join(f"CASE WHEN rule IS NULL THEN {x} WHEN rule = '{_ROUNDED}' THEN least(near(part_of({x}, n_people)) / near(n_people), 1.0) END AS {x}" for x in _SHARES_OF_LEVELS)},
    if(rule IN ('{_SUBTRACTION}', '{_FEW}'), NULL, median_level) AS median_level, if(hidden(rule), NULL, split) AS split,
    if(further, NULL, as_shown(n_people)) AS n_people, state(rule, status) AS status, rule AS rule_share_level_1,
    if(further, '{_SUBTRACTION}', count_rule(n_people)) AS rule_n_people
FROM ruled
"""
# So many records of a kind that is of individuals are so many people: and of all organisations together, if one is small.
_COVERAGE = f"""
WITH judged AS (
    SELECT *, record_kind IN ({_PEOPLE_KINDS}) AS free,
        bool_or(is_small(received_n) OR is_small(expected_n)) OVER (PARTITION BY record_kind, source) AND organisation_id IS NULL
            AS total_of_small
    FROM coverage
)
SELECT * EXCLUDE (expected_n, received_n),
    CASE WHEN free THEN expected_n WHEN NOT coalesce(total_of_small, false) THEN as_shown(expected_n) END AS expected_n,
    CASE WHEN free THEN received_n WHEN NOT coalesce(total_of_small, false) THEN as_shown(received_n) END AS received_n,
    CASE WHEN free THEN NULL WHEN total_of_small THEN '{_SUBTRACTION}' ELSE count_rule(received_n) END AS rule_received_n,
    CASE WHEN free THEN NULL WHEN total_of_small THEN '{_SUBTRACTION}' ELSE count_rule(expected_n) END AS rule_expected_n,
    state(rule_received_n, 'ok') AS status
FROM judged
"""

PROTECTED = {
    "ties": _TIES,
    "tie_changes": _TIE_CHANGES,
    "organisation_metrics": _ORGANISATIONS,
    "pair_metrics": _PAIRS,
    "group_metrics": _GROUPS,
    "network_metrics": _NETWORK,
    "indicators": _INDICATORS,
    "kiviat": _KIVIAT,
    "sensitivity": _SENSITIVITY,
    "robustness": _ROBUSTNESS,
    "activity": _ACTIVITY,
    "changes": _CHANGES,
    "survival": _SURVIVAL,
    "survey_scores": _SURVEY,
    "maturity_matrix": _MATURITY,
    "coverage": _COVERAGE,
    "typologies": "SELECT * FROM typologies",
    "turnover": "SELECT * FROM turnover",
    "completeness": "SELECT * FROM completeness",
    "succession": "SELECT * FROM succession",
    "catalog": "SELECT * FROM catalog",
    "organisations": "SELECT * FROM organisations",
}
