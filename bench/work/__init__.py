"""The work of meet, identify and associate on four engines: the same job, log, broker and run."""
