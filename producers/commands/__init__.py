"""What a department does with its records from the command line; `producers.cli` gathers it."""
