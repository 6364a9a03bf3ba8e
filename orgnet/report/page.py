"""The whole page: every chapter's content from the tables, then one template. Equal results give an equal page."""

from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from orgnet.report import changes, groups, holding, kiviat, maps, places, quality, words
from orgnet.report.between import Between, between
from orgnet.report.definitions import Definitions
from orgnet.report.published import Published, read_published
from orgnet.report.sentences import Sentence, sentences
from orgnet.vocabulary import IndicatorStatus

INTERNAL = "Internal: holds small numbers that are not protected; do not share; a copy for sharing: orgnet publish"
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "plain": words.plain,
        "capital": words.capital,
        "group": words.group_said,
        "layer": words.layer_said,
        "day": words.day_said,
        "level": words.level_text,
        "first_100": lambda ties: ties[:100],
    }
    made.globals["one_day"] = timedelta(days=1)
    return made


def render(folder: Path, previous: Path | None = None) -> str:
    """The page of a snapshot, or of a copy made for sharing, as one HTML document.

    Reads the folder's published tables and its manifest, and nothing else; a table that is missing is told in its
    place. With `previous`, another run's folder, a chapter says what differs from it. Raises StoreFault if a manifest
    cannot be read, InputFault if the two are of different networks.
    """
    other = None if previous is None else between(previous, folder)
    published, defined = read_published(folder), Definitions()
    with closing(published.con):
        shown = _content(published, other) | {"term": defined.term, "defined": defined}
        text = _environment().get_template("page.html.j2").render(shown)
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def opening(folder: Path) -> list[Sentence]:
    """The five sentences that the page of a snapshot begins with. Raises StoreFault if its manifest cannot be read."""
    published = read_published(folder)
    with closing(published.con):
        return sentences(published, quality.kinds(published), changes.comparison(published), holding.holding(published))


def _stamp(published: Published) -> str:
    if not published.shared:
        return INTERNAL
    return f"Prepared for sharing: small numbers are protected by the profile {published.shared}"


def _content(published: Published, other: Between | None) -> dict[str, Any]:
    """Everything that the template shows, by name."""
    found, held, kinds = changes.comparison(published), holding.holding(published), quality.kinds(published)
    levels = groups.group_levels(published)
    axes = kiviat.axes_of(published)
    return {
        "published": published,
        "manifest": published.manifest,
        "configuration": published.manifest.get("configuration") or {},
        "stamp": _stamp(published),
        "sentences": sentences(published, kinds, found, held),
        "slices": published.slices,
        "diagrams": kiviat.diagrams(published),
        "axes": {(label, row["indicator"]): row for label, rows in axes.items() for row in rows},
        "indicator_labels": kiviat.labels(),
        "rings": kiviat.rings(),
        "heats": {metric: groups.heat_map(published, metric, levels) for metric in groups.HEATS},
        "heat_steps": groups.STEPS,
        "multiples": groups.small_multiples(published, levels),
        "panel_size": (groups.WIDTH, groups.HEIGHT),
        "maps": maps.maps(published),
        "map_size": (places.WIDTH, places.HEIGHT),
        "held": held,
        "columns": holding.COLUMNS,
        "change": found,
        "change_width": changes.WIDTH,
        "verdicts": {str(verdict): said for verdict, said in words.VERDICTS.items()},
        "statuses": {status.value: said for status, said in words.STATUSES.items()},
        "indicator_statuses": {status.value: words.INDICATOR_STATUSES[status] for status in IndicatorStatus},
        "kinds": kinds,
        "marks": quality.marks(published),
        "between": other,
        "style": Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
        "script": Markup((_TEMPLATES / "script.js").read_text(encoding="utf-8")),
    }
