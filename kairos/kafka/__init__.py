"""Kafka, as the commands see it: topics made and described, records read from an offset on."""
