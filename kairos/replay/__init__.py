"""Replay: files of events into Kafka, or through the engine without Kafka, with the ticks that order them.

file ──format──> Row (event time, role, key, value) ──crowd──> Span ──ticks──> Span ──> Kafka | kairos.replay.local
"""
