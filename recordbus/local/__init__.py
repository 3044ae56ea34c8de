"""Real servers as child processes: what a laptop and the tests run instead of containers."""
