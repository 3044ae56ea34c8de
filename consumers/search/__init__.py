"""The search index: what a record looks like in it, who may ask what of it, and its engines."""
