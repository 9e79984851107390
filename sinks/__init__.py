"""Where results go: Redis state and read model, Kafka outputs, and their in-memory twins."""
