"""Damage to a batch on a broker's disk: what a dying one does, and what no producer can send."""

from __future__ import annotations

from pathlib import Path

from kafka import KafkaProducer


def produced(brokers: str, topic: str, partition: int, values: list[bytes], codec: str | None = None) -> None:
    """Append a batch for each value, in this order."""
    producer = KafkaProducer(bootstrap_servers=brokers, compression_type=codec)
    try:
        for value in values:
            producer.send(topic, key=b"k", value=value, partition=partition).get(20)
    finally:
        producer.close()


def damage(data: Path, topic: str, partition: int, words: bytes) -> None:
    """Change a byte in the only place of a partition's log where these words are. `data`: the broker's directory."""
    (segment,) = (data / "logs" / f"{topic}-{partition}").glob("*.log")
    content = segment.read_bytes()
    assert content.count(words) == 1
    with segment.open("r+b") as log:
        log.seek(content.index(words))
        log.write(bytes([words[0] ^ 1]))
