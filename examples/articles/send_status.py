"""Stand-in of the second article's send_status.py: says what it would send."""

import os

print(f"to {os.environ['WEBHOOK_URL']}: run {os.environ['RUN_CONTEXT']} is {os.environ['STATUS']}")
