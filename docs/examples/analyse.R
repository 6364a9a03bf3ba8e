# The same in R, with arrow and dplyr. It has not been run here, as no R was at hand: tell us what is wrong with it.
# install.packages(c("arrow", "dplyr"))

library(arrow)
library(dplyr)

run <- "out/demo/results/current"
last <- "2019-02-01/3m"

peers <- read_parquet(file.path(run, "group_metrics.parquet")) |>
  mutate(across(c(professional_group, other_group, metric, status), as.character)) |>
  filter(slice == last, layer == "combined", professional_group == other_group, metric == "acq_breadth") |>
  select(professional_group, n_people, value, status) |>
  arrange(desc(value))
print(peers)

# What a column means stands in the file
print(open_dataset(file.path(run, "group_metrics.parquet"))$schema$GetFieldByName("value")$ToString())
