"""Meet's real handle in random worlds of bundles, beside a plain program that knows its rules."""
