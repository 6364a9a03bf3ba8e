"""Who was at which event, before any projection: people by events and organisations by events, as they were.

A tie between two organisations is read off their events; these metrics look at the events themselves. Every function
takes `TwoMode`, of one layer, and returns one value per slice, or per organisation and slice. Events are meetings that
were held and that anyone is known to have attended. A person is never an entity of a published row.
"""

from dataclasses import dataclass

import igraph
import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.measure import Block, Measured, names_of
from orgnet.metrics.ratios import ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.metrics.statuses import CODE
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, distinct, merged
from orgnet.ties.presence import Presence
from orgnet.vocabulary import Layer, Level, NodeSet, RecordKind, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LAYERS = (Layer.MEETINGS, Layer.MDT)
BETWEENNESS_LIMIT = 500
"""Organisations and events together: betweenness takes time in proportion to both and to the attendances."""
_BORGATTI = "Borgatti & Everett 1997 Soc Netw 19:243"


@dataclass(frozen=True)
class TwoMode:
    """One layer's events in each slice's window, and who was there.

    `present` says which organisations are on the roster, `attended` how many events each of them attended; both have
    the shape (organisations, slices). `attendances` are pairs of a person and an event, `people` those at any.
    """

    present: Flags
    attended: Ints
    events: Ints
    attendances: Ints
    people: Ints
    day: Ints
    event: Ints
    organisation: Ints
    calendar: Calendar

    @property
    def organisations(self) -> Ints:
        """Organisations on the roster."""
        return np.asarray(self.present.sum(axis=0))

    @property
    def incidences(self) -> Ints:
        """Pairs of an organisation on the roster and an event that it attended."""
        return np.asarray(self.attended.sum(axis=0))


@metric(
    name="two_mode_density",
    level=Level.NETWORK,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="organisations at events / (organisations on the roster * events)",
    unit="share of pairs",
    minimum=0,
    maximum=1,
    undefined_when="there was no event, or no organisation is on the roster",
    reference=_BORGATTI,
)
def two_mode_density(two_mode: TwoMode) -> Floats:
    """The share of all pairs of an organisation and an event in which somebody from the one was at the other.

    Most events are not meant for everyone, so that it is far from 1 in a lively network.
    """
    return ratio(two_mode.incidences, two_mode.organisations * two_mode.events)


@metric(
    name="organisations_per_event",
    level=Level.NETWORK,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="organisations at events / events",
    unit="organisations",
    minimum=0,
    maximum=None,
    undefined_when="there was no event",
    reference=_BORGATTI,
)
def organisations_per_event(two_mode: TwoMode) -> Floats:
    """How many organisations of the roster an event brings together, on average: the mean two-mode degree of events."""
    return ratio(two_mode.incidences, two_mode.events)


@metric(
    name="events_per_organisation",
    level=Level.NETWORK,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="organisations at events / organisations on the roster",
    unit="events",
    minimum=0,
    maximum=None,
    undefined_when="no organisation is on the roster",
    reference=_BORGATTI,
)
def events_per_organisation(two_mode: TwoMode) -> Floats:
    """How many events of the window an organisation attends, on average: the mean two-mode degree of organisations."""
    return ratio(two_mode.incidences, two_mode.organisations)


@metric(
    name="people_per_event",
    level=Level.NETWORK,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="people at events / events",
    unit="people",
    minimum=0,
    maximum=None,
    undefined_when="there was no event",
    reference=_BORGATTI,
)
def people_per_event(two_mode: TwoMode) -> Floats:
    """How many people come to an event, on average.

    The larger events are, the less it says of two people that both were there.
    """
    return ratio(two_mode.attendances, two_mode.events)


@metric(
    name="events_per_person",
    level=Level.NETWORK,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="people at events / different people at any event",
    unit="events",
    minimum=0,
    maximum=None,
    undefined_when="there was no event",
    reference=_BORGATTI,
)
def events_per_person(two_mode: TwoMode) -> Floats:
    """How many events of the window those who come to any come to, on average. Who came to none does not count."""
    return ratio(two_mode.attendances, two_mode.people)


@metric(
    name="events_attended",
    level=Level.ORGANISATION,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="events with anyone from the organisation",
    unit="events",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=_BORGATTI,
)
def events_attended(two_mode: TwoMode) -> Floats:
    """How many events somebody from the organisation attended: its two-mode degree.

    It is not yet contact: who was alone at an event met nobody there.
    """
    return two_mode.attended.astype(np.float64)


@metric(
    name="events_attended_share",
    level=Level.ORGANISATION,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="events with anyone from the organisation / events",
    unit="share of events",
    minimum=0,
    maximum=1,
    undefined_when="there was no event",
    reference=_BORGATTI,
)
def events_attended_share(two_mode: TwoMode) -> Floats:
    """The share of the window's events that somebody from the organisation attended: its normalised two-mode degree."""
    return ratio(two_mode.attended, np.broadcast_to(two_mode.events, two_mode.attended.shape))


@metric(
    name="two_mode_betweenness",
    level=Level.ORGANISATION,
    layers=LAYERS,
    takes="two_mode",
    weights=Weights.IGNORED,
    formula="shortest paths through the organisation, between all other organisations and events, / "
    "the most that any organisation of a two-mode network of this size can have",
    unit="share of the most possible",
    minimum=0,
    maximum=1,
    undefined_when="there are fewer than two organisations or two events, or more than 500 of both together",
    reference=_BORGATTI,
)
def two_mode_betweenness(two_mode: TwoMode) -> Floats:
    """How far the organisation links events, and through them others, that would be apart without it.

    Paths run from organisation to event to organisation, each step counting one; how many people came does not matter.
    """
    values = np.full(two_mode.present.shape, np.nan)
    for number, (low, high) in enumerate(zip(two_mode.calendar.window_starts, two_mode.calendar.ends, strict=True)):
        nodes, n_events = np.flatnonzero(two_mode.present[:, number]), int(two_mode.events[number])
        if len(nodes) >= 2 and n_events >= 2 and len(nodes) + n_events <= BETWEENNESS_LIMIT:
            here = (low <= two_mode.day) & (two_mode.day < high)
            here[here] = two_mode.present[two_mode.organisation[here], number]
            places = np.searchsorted(nodes, two_mode.organisation[here])
            values[nodes, number] = _betweenness(places, two_mode.event[here], len(nodes), n_events)
    return values


def _betweenness(organisation: Ints, event: Ints, n: int, n_events: int) -> Floats:
    """Betweenness of the organisations of one two-mode network; events that none of them attended stand alone."""
    _, place = np.unique(event, return_inverse=True)
    graph = igraph.Graph(n=n + n_events, edges=np.column_stack([organisation, n + place]).tolist())
    s, t = divmod(n - 1, n_events)
    most = (n_events**2 * (s + 1) ** 2 + n_events * (s + 1) * (2 * t - s - 1) - t * (2 * s - t + 3)) / 2
    return ratio(np.array(graph.betweenness(range(n))), np.full(n, most))


def find_two_mode(presence: Presence, layer: Layer, roster: Roster, calendar: Calendar) -> TwoMode:
    """One layer's events and who was there. A stay for several organisations at once counts for none of them."""
    n, slices = len(roster.names), len(calendar)
    rows = np.flatnonzero(presence.mdt == (layer == Layer.MDT))
    meeting, day = presence.meeting[rows], presence.day[rows].astype(np.int64)
    zero = np.zeros(len(rows), np.int64)
    starts = np.ones(len(rows), dtype=bool)  # rows are sorted by meeting and person
    starts[1:] = meeting[1:] != meeting[:-1]
    once = starts.copy()
    once[1:] |= presence.person[rows[1:]] != presence.person[rows[:-1]]
    first, last = calendar.windows_over(day)
    people = merged(Ranges(presence.person[rows], first, last))
    single = presence.party[rows] < n
    keys = distinct(meeting[single] * max(n, 1) + presence.party[rows][single])
    event, organisation = keys // max(n, 1), keys % max(n, 1)
    when = day[np.searchsorted(meeting, event)]
    attended = count(organisation, *calendar.windows_over(when), n, slices)
    return TwoMode(
        present=roster.present,
        attended=np.where(roster.present, attended, 0),
        events=count(zero[starts], first[starts], last[starts], 1, slices)[0],
        attendances=count(zero[once], first[once], last[once], 1, slices)[0],
        people=count(np.zeros(len(people.key), np.int64), people.first, people.last, 1, slices)[0],
        day=when,
        event=event,
        organisation=organisation,
        calendar=calendar,
    )


def measure_two_mode(
    presence: Presence,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    calendar: Calendar,
    at: slice | None = None,
) -> Measured:
    """Every two-mode metric, of all slices or of a run of them.

    Where nobody came, it is not known unless attendance is known to be whole.
    """
    measures, none = Measured([], []), np.zeros(1, np.int64)
    first = 0 if at is None else at.start
    if at is not None:
        roster, coverage, calendar = roster.during(at), coverage.during(at), calendar.part(at)
        presence = presence.between(int(calendar.window_starts[0]), int(calendar.ends[-1]))
    supplied, whole = records.has(RecordKind.ATTENDANCE), coverage.of(RecordKind.ATTENDANCE)
    for layer in LAYERS:
        found = find_two_mode(presence, layer, roster, calendar)
        of_organisations = [m.function(found) for m in names_of(Level.ORGANISATION, layer, "two_mode")]
        of_network = [m.function(found) for m in names_of(Level.NETWORK, layer, "two_mode")]
        for number in range(len(calendar)):
            here = roster.on(number)
            if supplied:
                values = np.column_stack([each[here, number] for each in of_organisations])
                unknown = (found.attended[here, number] == 0) & ~whole[here, number]
                measures.organisation.append(_block(first + number, layer, here, values, unknown[:, None]))
            values = np.array([[each[number] for each in of_network]])
            unknown = np.array([not supplied or (found.events[number] == 0 and not whole[here, number].all())])
            measures.network.append(_block(first + number, layer, none, values, unknown[:, None]))
    return measures


def _block(number: int, layer: Layer, entity: Ints, values: Floats, unknown: Flags) -> Block:
    status = np.where(np.isnan(values), CODE[Status.UNDEFINED], CODE[Status.OK])
    status = np.where(unknown, CODE[Status.NO_COVERAGE], status)
    return Block(number, layer, NodeSet.ROSTER, entity, entity, values, status)
