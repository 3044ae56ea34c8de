"""One module an engine; each is run as a process of its own: `python -m bench.stage.engines.X`."""
