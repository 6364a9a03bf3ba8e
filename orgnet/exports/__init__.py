"""Published networks as the files of other programs: Gephi, UCINET, Kumu, RSiena, tergm. Reads only a snapshot."""

from orgnet.exports.make import FORMATS, TIMES, Wanted, export

__all__ = ["FORMATS", "TIMES", "Wanted", "export"]
