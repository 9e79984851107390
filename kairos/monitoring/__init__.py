"""What a worker answers on its state, and what is checked before it starts."""
