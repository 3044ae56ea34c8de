"""What the bus said, what each subscriber holds and what it is still to be told, in one file."""
