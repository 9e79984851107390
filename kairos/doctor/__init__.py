"""`kairos doctor`: looks at Kafka, Redis and what lies in them, changes nothing, and says what to do."""
