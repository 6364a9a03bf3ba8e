"""The first screen: five plain sentences, made by rules from the tables. They never say more than the tables do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from orgnet.explain.words import counted
from orgnet.report.changes import Comparison
from orgnet.report.groups import by_standing, group_levels
from orgnet.report.holding import Holding
from orgnet.report.kiviat import axes_of, labels
from orgnet.report.published import Published, Row
from orgnet.report.quality import Kind
from orgnet.report.words import HELD_BACK, capital, group_said, layer_said, listed, plain
from orgnet.vocabulary import IndicatorStatus, Trend


@dataclass(frozen=True)
class Sentence:
    """What a sentence answers, the sentence, and the chapter that says more."""

    question: str
    text: str
    chapter: str


def sentences(
    published: Published, kinds: Sequence[Kind], found: Comparison | None, held: Holding | None
) -> list[Sentence]:
    """The five sentences."""
    return [
        Sentence("What changed", changed(found, _without_level(published)), "change"),
        Sentence("What is known, and what is not", known(published), "indicators"),
        Sentence("Which records are missing", records(kinds, published), "quality"),
        Sentence("Which groups know their peers", groups(published), "groups"),
        Sentence("Who holds the network together", together(published, held), "holding"),
    ]


def _named(rows: Sequence[Row]) -> str:
    return listed([labels()[row["indicator"]].lower() for row in rows])


def _nothing(table: str) -> str:
    return f"Nothing can be said: the table {table} is not in this copy."


def known(published: Published) -> str:
    """How many of the ten indicators have a level, an interval, a stand-in, or nothing."""
    rows = axes_of(published).get(published.last.label, []) if published.last else []
    if not rows or not published.last:
        return _nothing("kiviat")
    by_status = {
        status: [row for row in rows if row["status"] == status and (status != "assessed" or row["level"] is not None)]
        for status in IndicatorStatus
    }
    point = by_status[IndicatorStatus.ASSESSED]
    levels = [f"{sum(row['level'] == level for row in point)} at level {level}" for level in (3, 2, 1)]
    parts = [f"{len(point)} of {len(rows)} indicators have one level ({', '.join(levels)})"] if point else []
    parts += [] if point else [f"none of {len(rows)} indicators has one level"]
    for status, words in (
        (IndicatorStatus.INTERVAL, "between two levels: {}"),
        (IndicatorStatus.PROXY_ONLY, "only a stand-in measure: {}"),
        (IndicatorStatus.INSUFFICIENT_DATA, "too few records, or none known to be complete: {}"),
        (IndicatorStatus.NOT_ASSESSED, "no record that could tell: {}"),
        (IndicatorStatus.SUPPRESSED, "held back, to protect small numbers: {}"),
    ):
        if by_status[status]:
            parts.append(f"{words.format(len(by_status[status]))} ({_named(by_status[status])})")
    held = [row for row in rows if row["status"] == "assessed" and row["level"] is None]
    parts += [f"held back, to protect small numbers: {len(held)} ({_named(held)})"] if held else []
    return f"In {published.last.said}, {'; '.join(parts)}."


def records(kinds: Sequence[Kind], published: Published) -> str:
    """Which kinds of records are missing, and which are not known to be whole in the last window."""
    missing = [kind.said for kind in kinds if not kind.supplied]
    partly, silent = [], []
    for kind in (each for each in kinds if each.supplied):
        whole = kind.whole[-1] if kind.whole else None
        if whole is None:
            silent.append(kind.said)
        elif whole[0] < whole[1]:
            partly.append(f"{kind.said} (known to be whole for {whole[0]} of {whole[1]} organisations)")
    parts = [f"not supplied: {listed(missing)}"] if missing else ["every kind of record was supplied"]
    parts += [f"incomplete, or not known to be complete: {listed(partly)}"] if partly else []
    if silent:
        every = len(silent) == sum(kind.supplied for kind in kinds)
        parts.append(f"nothing says whether {'any of them' if every else listed(silent)} can be taken as complete")
    if published.last and not partly and not silent:
        parts.append(f"what was supplied is known to be whole for the window that ends with {published.last.said}")
    if not published.shared:  # a copy does not tell small numbers of them
        aside = sum(sum(n or 0 for n in kind.aside.values()) for kind in kinds)
        parts.append(
            f"{counted(aside, 'row')} {'was' if aside == 1 else 'were'} put aside as unusable"
            if aside
            else "no row was put aside as unusable"
        )
    return f"{capital('; '.join(parts))}. What is missing is not counted as zero."


def _without_level(published: Published) -> set[str]:
    """The groups that can be given no level of acquaintanceship in the last slice, as having too few people."""
    standing = by_standing(group_levels(published), published.last, "acquaint") if published.last else {}
    return {who for word in ("not known", "held back") for who in standing.get(word, [])}


def changed(found: Comparison | None, too_few: Collection[str] = ()) -> str:
    """What changed between the two phases, with verdicts and intervals; the measures of groups that are not too few."""
    if found is None:
        return (
            "Nothing was compared: no two phases have windows of their own, or the table changes is not in this copy."
        )
    n = found.counts
    period, held = f"from {found.before} to {found.after}", f"held back {n[HELD_BACK]}"
    apart = f"not comparable {n[Trend.NOT_COMPARABLE]}"
    if sum(n.values()) == n[HELD_BACK] + n[Trend.NOT_COMPARABLE]:
        why = [text for text, number in ((apart, n[Trend.NOT_COMPARABLE]), (held, n[HELD_BACK])) if number]
        text = f"No level can be compared {period}: {listed(why) or 'there is none'}."
    else:
        parts = []
        for verdict, word in ((Trend.IMPROVED, "improved"), (Trend.WORSENED, "worsened")):
            rows = [_level_change(row) for row in found.levels if row["verdict"] == verdict]
            parts.append(f"{counted(len(rows), 'level')} {word} ({listed(rows, 4)})" if rows else f"no level {word}")
        others = [f"unchanged {n[Trend.UNCHANGED]}", f"unclear {n[Trend.UNCLEAR]}", apart] + (
            [held] if n[HELD_BACK] else []
        )
        text = f"{capital(period)} {', '.join(parts)}; {', '.join(others)}."
    return " ".join(filter(None, (text, _measured(found, too_few))))


def _level_change(row: Row) -> str:
    scope, _, who = row["entity"].partition(" / ")
    whose = {"network": "the network", "group": group_said(who)}.get(scope, f"{plain(scope)} {who}")
    before, after = (
        "held back" if row[name] is None else f"{row[name]:.0f}" for name in ("value_before", "value_after")
    )
    return f"{labels().get(row['metric'], row['metric']).lower()} of {whose}, {before} to {after}"


def _measured(found: Comparison, too_few: Collection[str]) -> str:
    """The measured differences that have an interval and a verdict, those of contact first."""
    for panel in found.panels:
        lines = [
            line
            for line in panel.lines
            if line.verdict in (Trend.IMPROVED, Trend.WORSENED) and line.bar is not None and line.who not in too_few
        ]
        if lines and panel.metric in ("acq_breadth", "meet_rate_median", "meetings_per_person"):
            told = [
                f"{line.who} {line.before} to {line.after} ({line.verdict}; 95% interval {line.interval})"
                for line in lines
            ]
            return f"Measured: {panel.title}, {listed(told, 3)}."
    return ""


def groups(published: Published) -> str:
    """Which professional groups are at level 3 of mutual acquaintanceship, which are not, and of which it is not known."""
    levels = group_levels(published)
    standing = by_standing(levels, published.last, "acquaint") if published.last else {}
    if not standing or not published.last:
        return _nothing("indicators") if "indicators" in published.missing else "No professional group is told of."
    full = listed(standing.get("level 3", []))
    parts = [f"at level 3 of mutual acquaintanceship: {full}" if full else "no group is at level 3"]
    parts += [f"at {level}: {listed(standing[level])}" for level in ("level 2", "level 1") if level in standing]
    parts += [f"{word}: {listed(standing[word])}" for word in ("not known", "held back") if word in standing]
    return f"In {published.last.said}, {'; '.join(parts)}."


def together(published: Published, held: Holding | None) -> str:
    """Which organisations are central, go between, and would be missed."""
    if held is None or not held.lines:
        return _nothing("organisation_metrics")
    parts = []
    if most := ranked(held, "strength", 3, "strength {}"):
        parts.append(f"the strongest ties, of all kinds together, are those of {most}")
    if between := ranked(held, "betweenness", 2, "{} of shortest paths"):
        parts.append(f"most often between others: {between}")
    else:
        unknown = len(held.unknown("betweenness"))
        parts.append("nobody is known to lie between others" if unknown else "nobody lies between others")
    lost = [
        f"{listed([published.short_name(code) for code in codes], 5)} in {listed([layer_said(layer) for layer in layers])}"
        for codes, layers in _alike(held.cut).items()
    ]
    unknown = len(held.unknown("cut_point"))
    if lost:
        parts.append(f"if lost, these would cut others off: {listed(lost, 4)}")
    elif not unknown:
        parts.append("no single loss would cut anybody off")
    if unknown:
        parts.append(f"of {counted(unknown, 'organisation')} it is not known whether a loss would cut others off")
    return f"In {held.slice.said}, {'; '.join(parts)}."


def _alike(cut: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    """Layers by the organisations without which they would fall into more parts."""
    found: dict[tuple[str, ...], list[str]] = {}
    for layer, codes in sorted(cut.items()):
        found.setdefault(tuple(codes), []).append(layer)
    return found


def ranked(held: Holding, metric: str, n: int, said: str) -> str:
    """The organisations with the highest values; none is named before others that have the same."""
    ranked = held.ranked(metric)
    values = [value.number for _, value in ranked]
    while 0 < n < len(ranked) and values[n - 1] == values[n]:
        n -= 1
    named = [f"{each.short} ({said.format(value.text)})" for each, value in ranked[:n]]
    alike = values.count(values[n]) if n < 2 and n < len(values) else 0
    return listed(named + ([f"{alike} organisations alike ({said.format(ranked[n][1].text)})"] if alike else []))
