"""Stand-in of the second article's promote_and_register.py: writes down what it would register, under the run's one id."""

import json
import os
import pathlib

model = json.loads(pathlib.Path("model.json").read_text())
entry = {"run": os.environ["RUN_CONTEXT"], "registry": os.environ["REGISTRY_URL"], "key": os.environ.get("PAWL_IDEMPOTENCY_KEY"), "model": model}
pathlib.Path("registration.json").write_text(json.dumps(entry))
print(f"registered {entry}")
