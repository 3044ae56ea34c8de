"""Intake's real `handle` in simulated worlds, beside an oracle that shares no code with it."""
