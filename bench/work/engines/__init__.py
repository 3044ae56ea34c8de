"""One module an engine; a process a stage: `python -m bench.work.engines.X --stage meet ...`.

Ours has none: it is `recordbus stage run`, as in production.
"""
