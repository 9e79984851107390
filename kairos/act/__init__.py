"""`kairos act`: messages of output topics go to endpoints, by HTTP.

app          what its commands are called and take
command      from the options to a process that sends
service      the process: who starts and ends with it
watch        which partitions are ours, and what was taken back
source       messages from Kafka, for one endpoint
places       what topics are called there
reporting    how endpoints are, for the page and for `/metrics`
health       what `/health` and `/ready` answer
check        `--check`: what would go where
"""
