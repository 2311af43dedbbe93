"""How public ids of webhooks begin."""

ENDPOINT = "whe_"
DELIVERY = "whd_"
# What receivers tell a message by, the same at every attempt: the id of its delivery behind this.
MESSAGE = "msg_"
