"""From a published run to a finding, with pandas and DuckDB. Run it cell by cell, or whole, beside `out/` of `make demo`.

python docs/examples/analyse.py
"""

# %% Open the last run
import duckdb
import pandas as pd

import orgnet

run = orgnet.open("out/demo/results")
last = run.table("kiviat")["slice"].iloc[-1]  # rows are in the order of time
print(run.manifest["network"], run.manifest["run_id"], last)

# %% How well does each group know its peers elsewhere?
groups = run.wide("group_metrics", layer="combined")
peers = groups[(groups["slice"] == last) & (groups["professional_group"] == groups["other_group"])]
measures = ["n_people", "meet_rate_median", "opp_regularity", "acq_breadth"]
print(peers.set_index("professional_group")[measures].sort_values("acq_breadth", ascending=False))

# %% What level is that, and since when? Empty is not low: the status says why
levels = run.wide("indicators")
levels = levels[levels["scope_type"] == "group"]
over_time = levels.pivot_table(index="slice_end", columns="scope_id", values="acquaint", sort=True)
print(over_time[["surgeon", "nurse", "radiologist"]])
print(levels.loc[levels["slice"] == last, ["scope_id", "acquaint", "acquaint_status"]])

# %% The same in SQL, on the files themselves
files = run.folder  # plain Parquet: no orgnet is needed to read it
finding = duckdb.sql(
    f"""
    SELECT scope_id, level, e.measure, e.value, e.operator, e.threshold, e.met
    FROM (SELECT scope_id, level, unnest(evidence) AS e FROM '{files}/indicators.parquet'
          WHERE indicator = 'acquaint' AND scope_type = 'group' AND slice = '{last}')
    WHERE scope_id IN ('surgeon', 'nurse', 'radiologist') AND e.threshold IS NOT NULL
    ORDER BY scope_id, e.measure, e.operator, e.threshold
    """
).df()
print(finding)

# %% Did it change by more than chance?
changes = run.table("changes")
changes = changes[
    (changes["before"] == "pre") & (changes["after"] == "post") & (changes["metric"] == "acq_breadth")
].assign(entity=lambda rows: rows["entity"].astype(str))
of_peers = changes[changes["entity"].isin([f"{group} / {group}" for group in ("surgeon", "nurse", "radiologist")])]
print(of_peers[["entity", "value_before", "value_after", "ci_low", "ci_high", "q_value", "verdict"]])

# %% What a column means stands in the file
import pyarrow.parquet as pq  # noqa: E402

schema = pq.read_schema(files / "group_metrics.parquet")
print(pd.Series({field.name: field.metadata[b"meaning"].decode() for field in schema}).to_string())
