"""Draws of single slices, to be kept and taken up again: most of a run's time goes into them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from orgnet.change.draws import Draws, Measure, add_meetings, add_organisations, count_organisations
from orgnet.config import Config
from orgnet.indicators.confidence import Drawn as Prepared
from orgnet.indicators.confidence import Replicates, resample
from orgnet.made_from import MadeFrom, Plan, digest_of
from orgnet.metrics.groups import GroupMeasures
from orgnet.metrics.kept import as_text, as_values
from orgnet.metrics.posts import Posts, group_posts
from orgnet.partials import key_of
from orgnet.records.read import Records
from orgnet.records.seen import mixed
from orgnet.vocabulary import Drawn
from orgnet.windows import Calendar
from orgnet.work import Arrays

Floats = NDArray[np.float64]
DRAWS = "draws"
_LEVELS, _RATES, _NETWORK, _ORGANISATIONS = "levels", "rates", "network", "organisations"


def draws_made_from(
    of_groups: Sequence[MadeFrom], records: Records, config: Config, calendar: Calendar
) -> list[MadeFrom]:
    """What the draws of each slice rest on: what groups' measures do, how much is drawn, and where people belong."""
    posts = [group for group in group_posts(records, config, calendar) if len(group.people)]
    everywhere = np.unique(np.concatenate([np.zeros(0, np.int64), *(group.home for group in posts)]))
    names = [records.organisations[code] if code >= 0 else "" for code in everywhere.tolist()]
    settings = digest_of([config.uncertainty.replicates, config.uncertainty.seed, names])
    return [
        {**found, "draws": f"{settings} {number}", "homes": _homes(posts, records, everywhere, number)}
        for number, found in enumerate(of_groups)
    ]


def _homes(posts: Sequence[Posts], records: Records, everywhere: NDArray[np.int64], number: int) -> str:
    """A digest of the organisation that each person on a slice's rosters belongs to."""
    totals = []
    for group in posts:
        members = group.members[:, number]
        known_by = records.identities[group.people[members]]
        totals.append(mixed(known_by, np.searchsorted(everywhere, group.home[members])).sum(dtype=np.uint64))
    return key_of(np.array(totals, dtype=np.uint64))


def arrays_of_draws(replicates: Replicates, draws: Draws, number: int) -> Arrays:
    """All draws of one slice."""
    named: list[tuple[list[object], Floats]] = []
    for kind, groups in ((_LEVELS, replicates.groups), (_RATES, replicates.rates)):
        for (slice_, group), found in groups.items():
            if slice_ == number:
                named += [([kind, group, name], values) for name, values in found.items()]
    named += [([_NETWORK, name], values) for name, values in replicates.network.get(number, {}).items()]
    for measure, values in draws.of[Drawn.ORGANISATIONS].get(number, {}).items():
        named.append(([_ORGANISATIONS, measure.entity, measure.metric], values))
    width = max((len(values) for _, values in named), default=0)
    values = np.array([values for _, values in named], dtype=np.float64).reshape(len(named), width)
    return {"names": as_text([name for name, _ in named]), "values": values}


def _take_up(arrays: Arrays, number: int, replicates: Replicates, draws: Draws) -> None:
    """Add the draws of one slice."""
    for (kind, *name), values in zip(as_values(arrays["names"]), arrays["values"], strict=True):
        if kind == _ORGANISATIONS:
            entity, metric = name
            draws.of[Drawn.ORGANISATIONS].setdefault(number, {})[Measure.of_groups(entity, metric)] = values
        elif kind == _NETWORK:
            replicates.network.setdefault(number, {})[name[0]] = values
        else:
            group, metric = name
            target = replicates.groups if kind == _LEVELS else replicates.rates
            target.setdefault((number, group), {})[metric] = values


def draw_kept(prepared: Prepared, measures: GroupMeasures, config: Config, plan: Plan) -> tuple[Replicates, Draws]:
    """All draws, taken up where they are kept, and drawn and kept where they are not.

    `measures` must hold evidence of the slices that are drawn anew.
    """
    anew = sorted(plan.anew)
    fresh, drawn = resample(prepared, config, anew), Draws()
    add_organisations(measures, config, anew, drawn)
    kept = dict(plan.taken_up)
    for number in anew:
        kept[number] = arrays_of_draws(fresh, drawn, number)
        plan.keep(number, kept[number])
    replicates, draws = Replicates({}, {}, {}), Draws()
    for number in sorted(kept):
        _take_up(kept[number], number, replicates, draws)
    add_meetings(replicates, measures.groups, draws)
    count_organisations(measures, draws)
    return replicates, draws
