"""The network's guidelines and pathways: led by the specialist centres, endorsed by most, written by few."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from orgnet.scenario.parameters import CENTRES, PROVIDERS
from orgnet.vocabulary import DocumentKind, DocumentStatus


@dataclass(frozen=True)
class _Document:
    """One document: how its status went on, and how many of the twelve providers wrote and endorsed it."""

    doc_id: str
    kind: DocumentKind
    pathway: str
    history: tuple[tuple[DocumentStatus, str], ...]
    contributing: int
    endorsing: int


class _Row(NamedTuple):
    """One status of a document, its fields in the file's order."""

    doc_id: str
    kind: DocumentKind
    status: DocumentStatus
    date: str
    pathway: str
    lead_org: str
    contributing_orgs: str
    endorsing_orgs: str
    in_scope_orgs: str


def _once(status: DocumentStatus, day: str) -> tuple[tuple[DocumentStatus, str], ...]:
    return ((status, day),)


def _again(first: str, second: str) -> tuple[tuple[DocumentStatus, str], ...]:
    return ((DocumentStatus.RATIFIED, first), (DocumentStatus.RERATIFIED, second))


DOCUMENTS = (
    _Document("D1", DocumentKind.GUIDELINE, "PB", _again("2014-06-16", "2016-09-12"), contributing=4, endorsing=9),
    _Document("D2", DocumentKind.PATHWAY, "RN", _again("2014-11-10", "2017-10-16"), contributing=5, endorsing=9),
    _Document("D3", DocumentKind.GUIDELINE, "OG", _once(DocumentStatus.RATIFIED, "2015-03-09"), 7, endorsing=10),
    _Document("D4", DocumentKind.PATHWAY, "PB", _once(DocumentStatus.AGREED, "2016-02-08"), 4, endorsing=8),
    _Document("D5", DocumentKind.PATHWAY, "OG", _once(DocumentStatus.RATIFIED, "2017-03-13"), 8, endorsing=9),
    _Document("D6", DocumentKind.GUIDELINE, "RN", _once(DocumentStatus.DRAFT, "2018-06-11"), 3, endorsing=5),
)
"""Endorsed by 50 of 72 (.69), with half of the providers contributing to two of six; all twelve are in scope."""


def _signed(number: int, rng: np.random.Generator) -> str:
    """The three specialist centres first, and then others by lot."""
    centres = list(CENTRES.values())
    local = rng.permutation([org for org in PROVIDERS if org not in centres])
    return ";".join([*centres, *local][:number])


def _rows(rng: np.random.Generator) -> Iterator[_Row]:
    for document in DOCUMENTS:
        contributing, endorsing = _signed(document.contributing, rng), _signed(document.endorsing, rng)
        for status, day in document.history:
            yield _Row(
                document.doc_id,
                document.kind,
                status,
                day,
                document.pathway,
                CENTRES[document.pathway],
                contributing,
                endorsing,
                ";".join(PROVIDERS),
            )


def documents(rng: np.random.Generator) -> pd.DataFrame:
    """One row for each status that a document has had: those ratified again have two."""
    return pd.DataFrame(_rows(rng), columns=list(_Row._fields))
