"""Wide views: a long table with one column per metric or indicator. Declared once, for SQL, Python and the dictionary."""

from collections.abc import Iterable
from dataclasses import dataclass

from orgnet.vocabulary import Indicator

_TIME = ("slice", "slice_start", "slice_end")


@dataclass(frozen=True)
class Wide:
    """A wide view of a table: what a row is of, which column of the table names its columns, and what they hold.

    `filled` gives each column of values by what is put behind the name ("" for nothing). Where `names` are given,
    there are columns for these, in this order; otherwise for the names that the table holds, by the alphabet.
    """

    table: str
    keys: tuple[str, ...]
    named_by: str
    filled: tuple[tuple[str, str], ...]
    sentence: str
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The view's own name."""
        return f"{self.table}_wide"

    def columns(self, found: Iterable[str]) -> list[tuple[str, str, str]]:
        """The columns beyond the keys: each one's name, whose value it is, and the table's column it comes from."""
        names = self.names or sorted(found)
        return [(name + behind, name, value) for behind, value in self.filled for name in names]


def _of_metrics(level: str, *entity: str) -> Wide:
    of = {
        "organisation": "organisation",
        "pair": "pair of organisations",
        "group": "pair of groups",
        "network": "node set",
    }
    return Wide(
        f"{level}_metrics",
        (*_TIME, "layer", *entity),
        "metric",
        (("", "value"),),
        f"{level}_metrics with one column per metric: a row for each slice, layer and {of[level]}. A "
        "column is empty where the metric has no value or is not of that layer; the long table's status says which.",
    )


WIDE = {
    wide.table: wide
    for wide in (
        _of_metrics("organisation", "organisation_id"),
        _of_metrics("pair", "organisation_id", "other_organisation_id"),
        _of_metrics("group", "professional_group", "other_group", "n_people"),
        _of_metrics("network", "node_set"),
        Wide(
            "indicators",
            (*_TIME, "scope_type", "scope_id"),
            "indicator",
            (("", "level"), ("_status", "status")),
            "indicators with a row for each slice and scope: the level of each of the ten under its name, in the order "
            "of the model, then the status of each under NAME_status. A level is empty unless the status is assessed: "
            "intervals (level_lo to level_hi) and proxy levels are in the long table only. A status is empty where the "
            "indicator is not given to such a scope.",
            tuple(indicator.value for indicator in Indicator),
        ),
    )
}
"""By the name of the long table."""
