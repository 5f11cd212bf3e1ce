"""Whatever ends a trainer, it ends with the state of one that was left alone."""

import os
import random
import signal
import subprocess
import sys
import time

import pawl
from support import SOURCES, InFolder, kill

STEPS = 30


class Interruptions(InFolder):
    def test_told_to_go_at_every_step_none_is_lost_or_repeated_and_nothing_unfinished_is_saved(self) -> None:
        whole = self.finish(self.train(STEPS, "whole", PAWL_CHECKPOINT_DIR=str(self.folder / "other")))
        for at in range(1, STEPS + 1):
            stopped = self.train(STEPS, "model", STOP_AT=str(at), PAWL_CHECKPOINT_EVERY="steps:1000")
            _, errors = stopped.communicate(timeout=60)
            self.assertEqual(75, stopped.returncode, errors)
            self.assertIn(f"preempted after step {at}", errors)
            self.assertFalse((self.folder / "model").exists())
            self.assertEqual(at, self.newest_checkpoint())
        self.assertEqual(whole, self.finish(self.train(STEPS, "model")))
        self.assertEqual(list(range(1, STEPS + 1)), self.executed("model"))

    def test_killed_more_than_fifty_times_it_ends_the_same_and_repeats_at_most_one_interval_a_kill(self) -> None:
        needed, interval, kills = 400, 5, 0
        chance = random.Random(3)
        whole = self.finish(self.train(needed, "whole", PAWL_CHECKPOINT_DIR=str(self.folder / "other")))
        while kills < 52:
            trainer = self.train(needed, "model", seconds=0.003, PAWL_CHECKPOINT_EVERY=f"steps:{interval}")
            reach = min(needed - 60 + kills, (self.newest_checkpoint() or 0) + chance.randrange(12))
            while trainer.poll() is None and max(self.executed("model")[-1:] + [0]) < reach:
                time.sleep(0.0005)
            time.sleep(chance.random() * 0.01)
            self.assertIsNone(trainer.poll(), "it ended before it could be killed")
            kill(trainer)
            kills += 1
        self.assertFalse((self.folder / "model").exists())
        self.assertEqual(whole, self.finish(self.train(needed, "model")))
        executed = self.executed("model")
        self.assertEqual(set(range(1, needed + 1)), set(executed))
        # One kill can cost more, where the write begun at the interval's end was not in place yet; all of them do not.
        self.assertLessEqual(len(executed), needed + kills * interval)

    def test_told_again_and_again_it_still_saves(self) -> None:
        trainer = self.train(5000, "model", seconds=0.002, PAWL_CHECKPOINT_EVERY="steps:1000")
        while not self.executed("model"):
            time.sleep(0.001)
        while trainer.poll() is None:
            trainer.send_signal(signal.SIGTERM)
            time.sleep(0.0005)
        trainer.communicate()
        # A signal that comes when Python has already put its handlers away ends the process by itself; all is saved by then.
        self.assertIn(trainer.returncode, (75, -signal.SIGTERM))
        self.assertEqual(self.executed("model")[-1], self.newest_checkpoint())

    def test_a_handler_from_before_is_called_too_and_is_all_that_a_forked_child_has(self) -> None:
        program = """
import os, signal, time, pawl
mine = os.getpid()
signal.signal(signal.SIGTERM, lambda *_: (print("before", flush=True), os.getpid() == mine or os._exit(9)))
run = pawl.current()
ready, tell = os.pipe()
child = os.fork()
if child == 0:
    # Python drops signals that come while it is still forking.
    os.write(tell, b"x")
    while True:
        time.sleep(1)
os.read(ready, 1)
os.kill(child, signal.SIGTERM)
print(os.waitpid(child, 0)[1], run.preempted, flush=True)
os.kill(os.getpid(), signal.SIGTERM)
list(run.steps(0, 3))
"""
        env = {**os.environ, **self.env(), "PYTHONPATH": str(SOURCES)}
        ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(75, ended.returncode, ended.stderr)
        self.assertEqual(f"before\n{9 << 8} False\nbefore\n", ended.stdout)

    def test_preempted_ends_the_process_with_75(self) -> None:
        self.assertTrue(issubclass(pawl.Preempted, SystemExit))
        self.assertEqual(75, pawl.Preempted("told to").code)
