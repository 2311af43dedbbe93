"""What is measured, by hand: no part of the tests."""
