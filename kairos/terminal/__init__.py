"""What is written to a terminal or a log: lines, times, and nothing hostile in them."""
