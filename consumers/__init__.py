"""Keep the search index and partner feeds up to date, and answer people."""
