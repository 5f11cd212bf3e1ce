"""Stand-in of the second article's fit_model.py."""

import os

import train

print(f"context {os.environ['RUN_CONTEXT']}, checkpoints would go to {os.environ['CHECKPOINT_BUCKET']}", flush=True)
train.train()
