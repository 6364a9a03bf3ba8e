"""When trying again can help: a file share may come back; a fault in the records will not go away by itself."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun

from orgnet.errors import OrgnetError


def worth_retrying(task: Any, run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task should be tried again."""
    try:
        state.result()
    except OrgnetError:
        return False
    except OSError:
        return True
    except Exception:
        return False
    return False
