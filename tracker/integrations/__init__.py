"""Thermark as a tracker of other people's toolkits. Each module needs its toolkit: `pip install thermark[toolkits]`."""
