"""What the shell offers when a name is begun: from the vocabulary and the generated catalog, which load at once."""

from collections.abc import Callable, Iterable

from orgnet.vocabulary import Indicator, Layer, NodeSet, OrganisationRole


def among(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Those of some words that begin with what has been typed."""
    known = [str(word) for word in words]

    def offered(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return offered


indicators = among(Indicator)
layers = among(Layer)
node_sets = among(NodeSet)
roles = among([OrganisationRole.SPECIALIST, OrganisationRole.LOCAL])


def _catalog(kind: str) -> list[str]:
    from orgnet.dictionary import content

    found = (row["column_or_metric"] for row in content()["catalog"] if row["type"].startswith(kind))
    return list(dict.fromkeys(found))


def names(incomplete: str) -> list[str]:
    """Everything that `orgnet describe` describes."""
    from orgnet.describe import known_names

    return among(sorted(known_names()))(incomplete)


def tables(incomplete: str) -> list[str]:
    """The published tables."""
    from orgnet.dictionary import content

    return among(content()["tables"])(incomplete)


def metrics(incomplete: str) -> list[str]:
    """The metrics, and the indicators, which are compared in the same way."""
    return among([*_catalog("metric"), *Indicator])(incomplete)


def metrics_of_organisations(incomplete: str) -> list[str]:
    """The metrics that organisations have."""
    from orgnet.dictionary import content

    rows = (row for row in content()["catalog"] if row["table"] == "organisation_metrics")
    return among(row["column_or_metric"] for row in rows if row["type"].startswith("metric"))(incomplete)
