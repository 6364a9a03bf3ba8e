"""Where the work is done, and what is kept of it. None of it changes a result."""

from typing import Literal

from pydantic import Field, model_validator

from orgnet.config.values import Strict


class Compute(Strict):
    """Where the work is done; it never changes a result."""

    engine: Literal["local", "dask"] = Field(
        default="local", description="local: processes on this machine; dask: a cluster."
    )
    workers: int = Field(default=2, ge=1, description="Processes that work at once, unless a cluster has its own.")
    read_retries: int = Field(default=2, ge=0, le=20, description="How often reading is tried again if files fail.")
    retry_delay_seconds: float = Field(
        default=10, ge=0, description="The wait before the first time; each further one is twice as long."
    )
    address: str | None = Field(
        default=None, description="dask: the scheduler, such as tcp://host:8786; left out: a cluster on this machine."
    )
    shared: str | None = Field(
        default=None,
        description="dask with an address: a folder that all machines see, such as /mnt/shared/orgnet or s3://bucket/orgnet.",
    )
    reuse: bool = Field(
        default=True, description="Take up what earlier runs measured, where nothing behind it changed."
    )
    partials: str | None = Field(
        default=None, description="Where partial results are kept; left out: in `partials`, beside the published runs."
    )

    @model_validator(mode="after")
    def _a_cluster_is_complete(self) -> "Compute":
        if self.engine == "local" and (self.address or self.shared):
            raise ValueError("found `address` or `shared` for the local engine; expected them with `engine: dask` only")
        if self.address and not self.shared:
            raise ValueError(
                "found `address` without `shared`: workers on other machines must see what they work on; expected a "
                "folder that all of them see, such as /mnt/shared/orgnet or s3://bucket/orgnet"
            )
        return self
