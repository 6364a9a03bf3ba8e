"""What a run does to keep its results worth trusting: records held to their limits, old runs removed."""

from datetime import datetime

from orgnet.config import Config
from orgnet.errors import StoreFault
from orgnet.locking import Held
from orgnet.records.quality import Breach, check, in_short
from orgnet.records.read import Records
from orgnet.retention import prune
from pipelines.progress import say


def check_quality(records: Records, config: Config, started: datetime) -> list[Breach]:
    """The limits that the records do not keep to, told by their number; QualityFault if that stops the run."""
    breaches = check(records, config, started.astimezone(config.zone).date())
    if breaches:
        say("quality", f"limits not kept to: {in_short(breaches)}")
    return breaches


def remove_old(held: Held, config: Config, now: datetime) -> str:
    """Remove the runs that need not be kept, and say how many; results that are published stay so if that fails."""
    try:
        removed = prune(held.out, config.snapshots.keep, config.snapshots.keep_days, now, held=held)
        said = f"{len(removed)} old run{'' if len(removed) == 1 else 's'} removed" if removed else ""
    except StoreFault as fault:
        said = str(fault)
    if said:
        say("publish", said)
    return said
