"""Stand-in of the first article's notify_and_maybe_resubmit.py: says what it would do."""

import argparse

options = argparse.ArgumentParser()
options.add_argument("--wf", required=True)
options.add_argument("--status", required=True)
given = options.parse_args()
print(f"{given.wf} is {given.status}: {'nothing to do' if given.status == 'Succeeded' else 'a person should look'}")
