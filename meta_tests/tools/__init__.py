"""Programs that measure the project; they are no tests."""
