"""How records reach the shards: Faust's consumer, read by whole chunks, over Kafka or over memory."""
