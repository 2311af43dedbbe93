"""SQL that is compiled once, planned once and run often: what Django would compile each time."""
