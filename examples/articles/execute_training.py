"""Stand-in of the second article's execute_training.py."""

import os

import train

print(f"execution {os.environ['EXECUTION_ID']}, artifacts would go to {os.environ['STORAGE_ENDPOINT']}", flush=True)
train.train()
