"""`python -m recordbus` is the `recordbus` command, for where no script is on the path."""

from recordbus.cli import main

if __name__ == "__main__":
    main()
