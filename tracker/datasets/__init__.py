"""Work on data sets as a whole: statistics, checks, splits by scene, merging, crops."""

from tracker.datasets.box_checks import Limits
from tracker.datasets.checking import CheckReport, check
from tracker.datasets.finding import Finding, Kind
from tracker.datasets.reading import DataSet, Entry, open_data_set
from tracker.datasets.splitting import Split, split_data_set, split_names, write_split
from tracker.datasets.statistics import Statistics, statistics, statistics_of

__all__ = [
    "CheckReport",
    "DataSet",
    "Entry",
    "Finding",
    "Kind",
    "Limits",
    "Split",
    "Statistics",
    "check",
    "open_data_set",
    "split_data_set",
    "split_names",
    "statistics",
    "statistics_of",
    "write_split",
]
