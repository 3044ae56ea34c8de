"""Training of person models, offline, with Splink; nothing of it is needed at run time."""
