"""The settings: where they come from, how they are read, what they are called."""
