"""Lines over PAWL_REPORT: as docs/trainer.md says, bounded, and never in the trainer's way."""

import json
import socket
import time
from types import SimpleNamespace
from typing import Any, Dict, List

import pawl
from support import InFolder


class Reports(InFolder):
    def setUp(self) -> None:
        super().setUp()
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(self.server.close)
        self.path = str(self.folder / "report")
        self.server.bind(self.path)
        self.server.listen()

    def connected(self, **env: str) -> pawl.Run:
        run = pawl.Run(self.env(PAWL_REPORT=self.path, **env))
        self.pawl, _ = self.server.accept()
        self.addCleanup(self.pawl.close)
        return run

    def lines(self) -> List[Dict[str, Any]]:
        """All that was sent, once the trainer has hung up."""
        with self.pawl.makefile() as text:
            return [json.loads(line) for line in text]

    def hang_up(self, run: pawl.Run) -> None:
        run._report.flush()
        assert run._report._socket is not None
        run._report._socket.shutdown(socket.SHUT_WR)

    def test_hello_steps_and_checkpoints_are_told(self) -> None:
        run = self.connected(PAWL_CHECKPOINT_EVERY="steps:2")
        state = run.restore(SimpleNamespace(step=0))
        for step in run.steps(0, 3):
            run.report(step=step, loss=0.5, bad=float("nan"), name="text")
            run.checkpoint_if_due(state)
            run.wait()
        run.wait()
        self.hang_up(run)
        hello, *others = self.lines()
        self.assertEqual({"kind", "sdk", "pid", "step", "total"}, hello.keys())
        self.assertEqual(("hello", 0, 3), (hello["kind"], hello["step"], hello["total"]))
        steps = [line for line in others if line["kind"] == "step"]
        self.assertEqual({"kind": "step", "step": 1, "total": 3, "metrics": {"loss": 0.5}}, steps[0])
        self.assertEqual(3, steps[-1]["step"])
        saved = [line for line in others if line["kind"] == "checkpoint"]
        self.assertEqual([2, 3], [line["step"] for line in saved])
        self.assertEqual({"kind", "step", "path", "bytes", "blockedSeconds", "writeSeconds"}, saved[0].keys())
        self.assertEqual("step-000000000002.pawl", saved[0]["path"])

    def test_with_nobody_reading_steps_go_on_and_little_is_kept(self) -> None:
        run = self.connected()
        report = run._report
        began = time.monotonic()
        for step in range(1, 4001):
            report.step(step, None, {f"metric {n}": 0.1 for n in range(100)})
            report.flush()
        self.assertLess(time.monotonic() - began, 20)
        self.assertGreater(report.dropped, 0)
        self.assertLessEqual(len(report._waiting), 64 * 1024)
        # What did arrive is whole lines, though the socket was full in the middle of one.
        self.pawl.settimeout(0.2)
        got = b""
        while True:
            try:
                got += self.pawl.recv(1 << 20)
            except socket.timeout:
                break
        for line in got.split(b"\n")[:-1]:
            self.assertEqual("step", json.loads(line)["kind"])

    def test_a_fast_loop_sends_at_most_some_five_lines_a_second(self) -> None:
        run = self.connected()
        began = time.monotonic()
        for step in run.steps(0, 20000):
            run.report(step=step, loss=0.1)
        seconds = time.monotonic() - began
        self.hang_up(run)
        steps = [line["step"] for line in self.lines() if line["kind"] == "step"]
        self.assertLessEqual(len(steps), 5 * seconds + 2)
        self.assertEqual(20000, steps[-1])

    def test_a_pawl_that_is_gone_is_not_missed(self) -> None:
        run = self.connected()
        self.pawl.close()
        for step in run.steps(0, 50):
            run.report(step=step, loss=0.1)
            run._report.flush()
        self.assertFalse(run._report.open)
        self.assertFalse(pawl.Run(self.env(PAWL_REPORT=str(self.folder / "nothing")))._report.open)

    def test_what_pawl_says_is_heard_and_what_makes_no_sense_is_not(self) -> None:
        run = self.connected()
        self.pawl.sendall(b'nonsense\n[1]\n{"kind":"future"}\n{"kind":"interval","seconds":"x"}\n{"kind":"interval","seconds":12.5}\n'
                          b'{"kind":"notice","secondsLeft":9}\n')
        end = time.monotonic() + 10
        while not run.preempted and time.monotonic() < end:
            time.sleep(0.001)
        self.assertTrue(run.preempted)
        self.assertEqual(12.5, run._saver.told)
