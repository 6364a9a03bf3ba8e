"""Workloads, peers and the floor: how long orgnet takes, told as ratios within one run."""
