"""Associate's real handle in random worlds, beside a plain program that knows its rules."""
