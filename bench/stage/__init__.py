"""The stage runtime beside its neighbours: the same job, the same broker, the same run."""
