"""Search engines behind one interface; an engine's library is imported in its own package only."""
