"""What of a state comes back."""

import array
import random
import unittest
from types import SimpleNamespace
from typing import Any

import pawl
from pawl._memory import Memory
from support import InFolder

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]
try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]


class States(InFolder):
    def again(self, state: Any) -> Any:
        run = pawl.Run(self.env())
        run.checkpoint(state)
        self.assertTrue(run.wait())
        return pawl.Run(self.env()).restore(SimpleNamespace(step=0))

    def test_plain_values_and_memory_of_every_kind(self) -> None:
        state = SimpleNamespace(
            step=1, text="ä", nested={"list": [1, (2, None)]}, small=b"abc", large=b"x" * 300_000, bytes=bytearray(b"y" * 100_000),
            array=array.array("d", [1.5, 2.5]), view=memoryview(bytearray(b"view")), empty=bytearray(),
        )
        self.assertEqual(state, self.again(state))

    def test_what_is_shared_stays_shared(self) -> None:
        part = bytearray(b"part")
        got = self.again(SimpleNamespace(step=1, one=part, two=part))
        self.assertIs(got.one, got.two)

    def test_later_changes_do_not_reach_a_copy_that_was_taken(self) -> None:
        run = pawl.Run(self.env())
        state = SimpleNamespace(step=1, values=bytearray(64 << 20), array=array.array("B", bytes(1 << 20)))
        run.checkpoint(state)
        state.values[:] = b"\xff" * len(state.values)
        state.array[0] = 255
        self.assertTrue(run.wait())
        got = pawl.Run(self.env()).restore(SimpleNamespace(step=0))
        self.assertEqual((bytearray(64 << 20), 0), (got.values, got.array[0]))

    def test_random_numbers_go_on_where_they_were(self) -> None:
        random.seed(4)
        random.gauss(0, 1)
        self.again_from_here(random.random, lambda: random.gauss(0, 1))

    def again_from_here(self, *draws: Any) -> None:
        run = pawl.Run(self.env())
        run.checkpoint(SimpleNamespace(step=1))
        expected = [draw() for draw in draws for _ in range(3)]
        self.assertTrue(run.wait())
        pawl.Run(self.env()).restore(SimpleNamespace(step=0))
        self.assertEqual(expected, [draw() for draw in draws for _ in range(3)])

    def test_memory_is_used_again(self) -> None:
        memory = Memory()
        memory.write(bytes(5_000_000))
        before = memory.read().obj
        memory.clear()
        memory.write(b"1" * 4_000_000)
        self.assertIs(before, memory.read().obj)
        self.assertEqual(b"1" * 4_000_000, bytes(memory.read()))

    def test_memory_that_is_not_there_yet_is_made_off_the_loop(self) -> None:
        run = pawl.Run(self.env(PAWL_CHECKPOINT_EVERY="steps:1"))
        state = run.restore(SimpleNamespace(step=0, values=array.array("B", bytes(32 << 20)), more=bytes(32 << 20)))
        made = []
        for step in run.steps(0, 3):
            made.append(run._saver.durable)
            run.checkpoint_if_due(state)
            run.wait()
        self.assertTrue(run.wait())
        self.assertEqual(3, run._saver.durable)
        self.assertEqual([None, None], made[:2])

    def test_what_is_tracked_must_be_tracked_before_the_restore_and_be_in_the_checkpoint(self) -> None:
        self.again(SimpleNamespace(step=1))
        run = pawl.Run(self.env())
        run.track("batches", pawl.Batches(10, 2, seed=1))
        with self.assertRaisesRegex(ValueError, "holds nothing for batches"):
            run.restore(SimpleNamespace(step=0))
        other = pawl.Run(self.env())
        other.restore(SimpleNamespace(step=0))
        with self.assertRaisesRegex(RuntimeError, "before"):
            other.track("batches", pawl.Batches(10, 2, seed=1))


@unittest.skipIf(numpy is None, "numpy is not installed for this python")
class NumpyStates(States):
    def test_arrays(self) -> None:
        values = numpy.arange(12.0).reshape(3, 4)
        state = SimpleNamespace(step=1, values=values, turned=values.T, part=values[:, ::2], empty=numpy.zeros((0, 3)))
        got = self.again(state)
        for name in ("values", "turned", "part", "empty"):
            numpy.testing.assert_array_equal(getattr(state, name), getattr(got, name))
        got.values[0, 0] = 7

    def test_random_numbers_go_on_where_they_were(self) -> None:
        self.again_from_here(numpy.random.random, random.random)


@unittest.skipIf(torch is None, "torch is not installed for this python")
class TorchStates(States):
    def test_tensors(self) -> None:
        weights = torch.randn(20, 3)
        state = {
            "step": 1, "weights": weights, "rows": weights[5:9], "turned": weights.t(), "parameter": torch.nn.Parameter(torch.ones(3)),
            "empty": torch.empty(0, 4), "count": torch.arange(5), "half": torch.ones(3, dtype=torch.bfloat16), "one": torch.tensor(3.5),
            "flags": torch.tensor([True, False]), "complex": torch.ones(2, dtype=torch.complex64), "leaf": torch.ones(2, requires_grad=True),
        }
        got = self.again(state)
        for name, value in state.items():
            if name != "step":
                self.assertTrue(torch.equal(value, got[name]), name)
                self.assertEqual((type(value), value.dtype, value.shape, value.requires_grad),
                                 (type(got[name]), got[name].dtype, got[name].shape, got[name].requires_grad), name)
        got["weights"][5, 0] = 9
        self.assertEqual((9, 9), (got["rows"][0, 0], got["turned"][0, 5]))

    def test_random_numbers_go_on_where_they_were(self) -> None:
        self.again_from_here(lambda: torch.rand(3).tolist(), random.random)

    def test_training_goes_on_bit_for_bit(self) -> None:
        def begin(run: pawl.Run) -> Any:
            torch.manual_seed(2)
            model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Dropout(0.5), torch.nn.Linear(16, 1))
            optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
            return model, optimizer, schedule, run.restore_torch(model=model, optimizer=optimizer, schedule=schedule, best=9.0)

        def train(env: Any, until: int) -> Any:
            run = pawl.Run(env)
            model, optimizer, schedule, state = begin(run)
            for _ in run.steps(state.step, until):
                optimizer.zero_grad()
                loss = model(torch.randn(4, 8)).square().mean()
                loss.backward()
                optimizer.step()
                schedule.step()
                state.best = min(state.best, loss.item())
                run.checkpoint_if_due(state)
            self.assertTrue(run.wait())
            return [p.tolist() for p in model.parameters()], str(optimizer.state_dict()), state.best, torch.rand(2).tolist()

        whole = train(self.env(PAWL_CHECKPOINT_DIR=str(self.folder / "other")), 20)
        for until in (1, 2, 7, 19):
            train(self.env(), until)
        self.assertEqual(whole, train(self.env(), 20))
