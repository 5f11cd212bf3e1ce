"""The loop of `steps`: what counts as done, when it saves, and how it leaves."""

import contextlib
import io
import threading
import time
import unittest
import unittest.mock
from types import SimpleNamespace
from typing import Any, List

import pawl
from pawl import _file, _interval
from support import InFolder


class Loop(InFolder):
    def begin(self, **env: str) -> pawl.Run:
        self.run_ = pawl.Run(self.env(**env))
        self.state = self.run_.restore(SimpleNamespace(step=0, seen=[]))
        return self.run_

    def saved(self) -> Any:
        self.assertTrue(self.run_.wait())
        return pawl.Run(self.env()).restore(SimpleNamespace(step=0, seen=[]))

    def told(self, run: pawl.Run, seconds: float = 30.0) -> None:
        run._heard({"kind": "notice", "secondsLeft": seconds})

    def test_steps_begin_at_one_and_end_with_the_total(self) -> None:
        run = self.begin()
        self.assertEqual([1, 2, 3], list(run.steps(self.state.step, 3)))
        self.assertEqual(3, self.state.step)
        self.assertEqual(3, self.saved().step)

    def test_the_last_checkpoint_is_in_place_when_the_loop_ends(self) -> None:
        def slow(*parts: Any) -> Any:
            time.sleep(0.2)
            return write(*parts)

        write, run = _file.write, self.begin()
        with unittest.mock.patch.object(_file, "write", slow):
            for _ in run.steps(0, 3):
                pass
        self.assertEqual(["step-000000000003.pawl"], [path.name for path in self.checkpoints.iterdir()])

    def test_a_checkpoint_holds_the_whole_body_also_what_follows_the_call(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:1")
        for step in run.steps(0, 4):
            run.checkpoint_if_due(self.state)
            self.state.seen.append(step)
            run.wait()
            if step == 3:
                break
        self.assertEqual((2, [1, 2]), (self.saved().step, self.saved().seen))

    def test_a_notice_saves_the_step_at_hand_and_leaves(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:100")
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(pawl.Preempted) as left:
            for step in run.steps(0, 9):
                self.state.seen.append(step)
                if step == 5:
                    self.told(run)
        self.assertEqual(75, left.exception.code)
        self.assertEqual((5, [1, 2, 3, 4, 5]), (self.saved().step, self.saved().seen))

    def test_a_notice_before_the_first_step_leaves_at_once(self) -> None:
        run = self.begin()
        self.told(run)
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(pawl.Preempted):
            list(run.steps(0, 9))
        self.assertFalse(self.checkpoints.exists())

    def test_a_notice_with_no_time_left_still_leaves(self) -> None:
        run = self.begin()
        held = threading.Event()
        with unittest.mock.patch.object(_file, "write", lambda *given: (held.wait(), given[0])[1]):
            with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(pawl.Preempted):
                for _ in run.steps(0, 9):
                    self.told(run, 0.05)
        held.set()
        self.assertIn("not saved", said.getvalue())

    def test_steps_told_another_number_than_are_done_are_refused(self) -> None:
        run = self.begin()
        self.assertEqual([1, 2], list(run.steps(self.state.step, 2)))
        with self.assertRaisesRegex(ValueError, "2 steps are done"):
            list(run.steps(0, 4))

    def test_a_state_that_counts_otherwise_is_refused(self) -> None:
        run = self.begin()
        with self.assertRaisesRegex(ValueError, "step 1 is done and state.step is 2"):
            for step in run.steps(0, 4):
                self.state.step = step + 1

    def test_a_loop_of_ones_own_saves_and_leaves_as_well(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:2")
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(pawl.Preempted):
            while True:
                self.state.step += 1
                if self.state.step == 7:
                    self.told(run)
                run.checkpoint_if_due(self.state)
        self.assertEqual(7, self.saved().step)

    def test_no_write_overtakes_the_one_before_and_none_waits_behind_it(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:1")
        wrote: List[int] = []
        gate, real = threading.Semaphore(0), _file.write

        def slow(folder: Any, origin: Any, step: int, *rest: Any) -> Any:
            gate.acquire()
            wrote.append(step)
            return real(folder, origin, step, *rest)

        with unittest.mock.patch.object(_file, "write", slow):
            for step in run.steps(0, 50):
                run.checkpoint_if_due(self.state)
                if step == 20:
                    gate.release()
                    run.wait()
                if step == 49:
                    gate.release(2)
            self.assertTrue(run.wait())
        self.assertEqual([1, 20, 50], wrote)

    def test_a_failed_write_is_tried_again_when_the_next_is_due(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:1")
        real, calls = _file.write, []

        def refuse(*given: Any) -> Any:
            calls.append(given[2])
            if len(calls) == 1:
                raise OSError(5, "Input/output error")
            return real(*given)

        with unittest.mock.patch.object(_file, "write", refuse), contextlib.redirect_stderr(io.StringIO()) as said:
            for _ in run.steps(0, 2):
                run.checkpoint_if_due(self.state)
                run.wait()
            self.assertTrue(run.wait())
        self.assertEqual([1, 2], calls)
        self.assertIn("the one before stays", said.getvalue())

    def test_only_the_first_of_several_processes_saves(self) -> None:
        run = self.begin(RANK="1")
        self.assertEqual([1, 2], list(run.steps(0, 2)))
        run.checkpoint(self.state)
        self.assertFalse(self.checkpoints.exists())

    def test_pawl_can_ask_for_a_checkpoint(self) -> None:
        run = self.begin(PAWL_CHECKPOINT_EVERY="steps:100")
        for step in run.steps(0, 4):
            if step == 2:
                run._heard({"kind": "checkpoint"})
            if step == 3:
                run.wait()
                break
        self.assertEqual(2, self.saved().step)


class Interval(InFolder):
    def test_what_can_be_written(self) -> None:
        self.assertEqual((None, None), _interval.parse("auto"))
        self.assertEqual((7, None), _interval.parse(7))
        self.assertEqual((7, None), _interval.parse("steps:7"))
        self.assertEqual((None, 90.0), _interval.parse("1.5m"))
        self.assertEqual((None, 2.5), _interval.parse("seconds:2.5"))
        for wrong in ("often", "0", "steps:0", "-3", ""):
            with self.assertRaises(ValueError):
                _interval.parse(wrong)

    def test_young_and_daly_within_limits(self) -> None:
        self.assertAlmostEqual(60.0, _interval.best(0.5, 3600, 0.1), delta=0.5)
        self.assertEqual(1.0, _interval.best(0.00001, 3600, 0.0))
        self.assertEqual(3600.0, _interval.best(1000, 1e9, 0.0))
        self.assertEqual(20.0, _interval.best(0.001, 3600, 10.0))

    def test_the_manifest_wins_over_the_code_and_auto_leaves_it_to_the_code(self) -> None:
        self.assertEqual(30.0, pawl.Run(self.env(PAWL_CHECKPOINT_EVERY="auto"), "30s").interval)
        self.assertEqual(5.0, pawl.Run(self.env(PAWL_CHECKPOINT_EVERY="seconds:5"), "30s").interval)

    def test_the_first_checkpoint_comes_after_a_second_and_then_as_often_as_it_pays(self) -> None:
        run = pawl.Run(self.env(PAWL_MTBF_SECONDS="600"))
        self.assertEqual(1.0, run.interval)
        run.checkpoint(SimpleNamespace(step=1, values=bytearray(8 << 20)))
        self.assertTrue(run.wait())
        self.assertEqual(_interval.best(run._saver._blocked or 0, 600, run._saver._writing), run.interval)
        run._heard({"kind": "interval", "seconds": 77})
        self.assertEqual(77.0, run.interval)


class Order(unittest.TestCase):
    def test_each_epoch_has_every_index_once_and_an_order_of_its_own(self) -> None:
        batches = pawl.Batches(10, 4, seed=1)
        epochs = [sum((next(batches) for _ in range(len(batches))), []) for _ in range(3)]
        for epoch in epochs:
            self.assertEqual(list(range(10)), sorted(epoch))
        self.assertNotEqual(epochs[0], epochs[1])

    def test_it_goes_on_from_wherever_it_was_saved(self) -> None:
        whole = pawl.Batches(10, 4, seed=1)
        expected = [next(whole) for _ in range(12)]
        for at in range(12):
            first, second = pawl.Batches(10, 4, seed=1), pawl.Batches(10, 4, seed=1)
            got = [next(first) for _ in range(at)]
            second.load_state_dict(first.state_dict())
            self.assertEqual(expected, got + [next(second) for _ in range(12 - at)])

    def test_one_of_another_make_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            pawl.Batches(10, 4, seed=1).load_state_dict(pawl.Batches(10, 4, seed=2).state_dict())

    def test_the_last_batch_of_an_epoch_may_be_left_out(self) -> None:
        batches = pawl.Batches(10, 4, seed=1, shuffle=False, drop_last=True)
        self.assertEqual([[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 2, 3]], [next(batches) for _ in range(3)])
