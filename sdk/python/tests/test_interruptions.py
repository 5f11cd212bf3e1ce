"""Whatever ends a trainer, it ends with the state of one that was left alone."""

import random
import time

import pawl
from support import InFolder, kill

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

    def test_preempted_ends_the_process_with_75(self) -> None:
        self.assertTrue(issubclass(pawl.Preempted, SystemExit))
        self.assertEqual(75, pawl.Preempted("told to").code)
