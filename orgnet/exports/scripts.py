"""The R scripts that go with an export, to read it in its own folder."""

from collections.abc import Sequence

from orgnet.exports.published import Network, directed, overlapping

_RSIENA = """\
# {what}
# Reads the files beside it: set the working directory to this folder, then source("read.R").
library(RSiena)

actors <- read.csv("actors.csv", na.strings = "", colClasses = c(organisation_id = "character"), encoding = "UTF-8")
waves <- read.csv("waves.csv", colClasses = c(slice = "character"), encoding = "UTF-8")
matrices <- lapply(waves$file, function(file) unname(as.matrix(read.csv(file, header = FALSE, na.strings = "NA"))))

# 10 is a structural zero (not in the network in that wave), NA is not known (records stated to be incomplete).
# Who comes and goes can be told either by structural zeros, as here, or by the times of composition change, which
# takes them as between the waves. Not by both at once.
by_composition_change <- FALSE
if (by_composition_change) {{
  matrices <- lapply(matrices, function(wave) {{ wave[!is.na(wave) & wave == 10] <- 0; wave }})
}}
ties <- sienaDependent(array(unlist(matrices), dim = c(nrow(actors), nrow(actors), nrow(waves))))

variables <- list({layer} = ties)
{covariates}if (by_composition_change) {{
  variables$composition <- sienaCompositionChangeFromFile("composition_change.txt")
}}
data <- do.call(sienaDataCreate, variables)
print(data)
"""
_CONSTANT = "variables${name} <- coCovar(actors${name})\n"
_VARYING = """\
if (nrow(waves) > 2) {{ # RSiena takes covariates that vary from three waves on
  {name} <- read.csv("varying_{name}.csv", header = FALSE, na.strings = "NA")
  variables${name} <- varCovar(unname(as.matrix({name})))
}}
"""
_TERGM = """\
# {what}
# Reads the files beside it: set the working directory to this folder, then source("read.R").
# Time is in {unit}; a spell holds its onset and not its terminus.{overlap}
library(networkDynamic)

vertices <- read.csv("vertices.csv", na.strings = "", colClasses = c(organisation_id = "character"), encoding = "UTF-8")
vertex_spells <- read.csv("vertex_spells.csv")
edge_spells <- read.csv("edge_spells.csv")

base <- network.initialize(nrow(vertices), directed = {directed}, loops = FALSE)
network.vertex.names(base) <- vertices$organisation_id
net <- networkDynamic(
  base.net = base,
  edge.spells = edge_spells[, c("onset", "terminus", "tail", "head")],
  vertex.spells = vertex_spells[, c("onset", "terminus", "vertex.id")],
  net.obs.period = list(
    observations = list({observed}), mode = "discrete", time.increment = 1, time.unit = "{one}"
  )
)
print(net)

# With weights that change, slice by slice, in the place of edge_spells:
#   values <- read.csv("edge_values.csv", na.strings = "NA")
#   net <- networkDynamic(base.net = base, edge.spells = values[, c("onset", "terminus", "tail", "head", "weight")],
#                         vertex.spells = vertex_spells, create.TEAs = TRUE, edge.TEA.names = "weight")
# vertex_values.csv says for whom, and when, the records were not complete: no tie is then not known to be no tie.
"""


def _what(network: Network) -> str:
    """One line on where the files are from; nothing in it can end the comment."""
    said = f"{network.manifest.get('network')}: {network.layer}, run {network.manifest['run_id']}"
    return " ".join(said.split())


def rsiena_script(network: Network, constant: Sequence[str], varying: Sequence[str]) -> str:
    """A script that makes RSiena's data of a panel."""
    covariates = [_CONSTANT.format(name=name) for name in constant] + [_VARYING.format(name=name) for name in varying]
    return _RSIENA.format(what=_what(network), layer=network.layer, covariates="".join(covariates))


def tergm_script(network: Network, observed: Sequence[tuple[int, int]], unit: str) -> str:
    """A script that makes a networkDynamic object of spells."""
    overlap = (
        "\n# The slices' windows overlap, so that ties last by construction." if overlapping(network.slices) else ""
    )
    return _TERGM.format(
        what=_what(network),
        unit=unit,
        one=unit.removesuffix("s"),
        overlap=overlap,
        directed="TRUE" if directed(network.layer) else "FALSE",
        observed=", ".join(f"c({onset}, {terminus})" for onset, terminus in observed),
    )
