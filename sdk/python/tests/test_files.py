"""Checkpoint files: whole, checked, and of this run."""

import contextlib
import io
import os
import subprocess
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pawl
from support import InFolder


class Files(InFolder):
    def run_of(self, **env: str) -> pawl.Run:
        return pawl.Run(self.env(**env))

    def save(self, *steps: int, **env: str) -> None:
        run = self.run_of(**env)
        for step in steps:
            run.checkpoint(SimpleNamespace(step=step, values=bytearray(b"%d" % step * 1000)))
            self.assertTrue(run.wait())

    def restored(self, **env: str) -> Any:
        with contextlib.redirect_stderr(io.StringIO()) as self.said:
            return self.run_of(**env).restore(SimpleNamespace(step=0))

    def file(self, step: int) -> str:
        return str(self.checkpoints / f"step-{step:012}.pawl")

    def test_without_one_the_default_is_the_state(self) -> None:
        self.assertEqual(0, self.restored().step)

    def test_the_two_newest_are_kept(self) -> None:
        self.save(1, 2, 3, 4)
        self.assertEqual([os.path.basename(self.file(n)) for n in (3, 4)], sorted(os.listdir(self.checkpoints)))
        self.assertEqual(4, self.restored().step)

    def test_whichever_byte_is_damaged_the_one_before_is_used(self) -> None:
        self.save(1, 2)
        whole = Path(self.file(2)).read_bytes()
        for at in range(0, len(whole), 13):
            with open(self.file(2), "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            self.assertEqual(1, self.restored().step, f"byte {at}")
            self.assertIn("the one before is used", self.said.getvalue())
        self.assertFalse(os.path.exists(self.file(2)))

    def test_wherever_it_is_torn_the_one_before_is_used(self) -> None:
        self.save(1, 2)
        whole = Path(self.file(2)).read_bytes()
        for size in range(0, len(whole), 31):
            for tail in (b"", bytes(len(whole) - size)):
                with open(self.file(2), "wb") as file:
                    file.write(whole[:size] + tail)
                self.assertEqual(1, self.restored().step, f"{size} bytes")

    def test_with_all_damaged_it_starts_afresh(self) -> None:
        self.save(1, 2)
        for step in (1, 2):
            os.truncate(self.file(step), 100)
        self.assertEqual(0, self.restored().step)

    def test_a_damaged_one_is_not_counted_among_the_newest(self) -> None:
        self.save(8, 9)
        os.truncate(self.file(9), 100)
        self.assertEqual(8, self.restored().step)
        self.save(5, 6)
        self.assertTrue(os.path.exists(self.file(6)))

    def test_one_of_another_run_or_other_inputs_is_refused_unless_asked_for(self) -> None:
        self.save(3, PAWL_FINGERPRINT="a")
        self.assertEqual(3, self.restored(PAWL_FINGERPRINT="a").step)
        for env in ({"PAWL_RUN_ID": "another"}, {"PAWL_FINGERPRINT": "b"}, {"PAWL_RUN_ID": ""}):
            with self.assertRaises(pawl.ForeignCheckpoint):
                self.restored(**env)
            self.assertEqual(3, self.run_of(**env).restore(SimpleNamespace(step=0), accept_foreign=True).step)

    def test_what_a_killed_writer_left_is_removed(self) -> None:
        self.checkpoints.mkdir()
        (self.checkpoints / ".step-000000000001.pawl.77.tmp").write_text("half")
        self.save(2)
        self.assertEqual([os.path.basename(self.file(2))], os.listdir(self.checkpoints))

    def test_a_state_may_be_a_dict(self) -> None:
        run = self.run_of()
        run.checkpoint({"step": 4, "best": 0.5})
        run.wait()
        self.assertEqual({"step": 4, "best": 0.5}, self.run_of().restore({"step": 0, "best": 0.0}))

    @unittest.skipUnless(os.geteuid() == 0, "only root can mount a small file system")
    def test_a_full_disk_is_said_and_the_old_checkpoint_stays(self) -> None:
        self.checkpoints.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(self.checkpoints)], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted: {mounted.stderr!r}")
        try:
            self.save(1)
            run = self.run_of()
            with contextlib.redirect_stderr(io.StringIO()) as said:
                run.checkpoint(SimpleNamespace(step=2, values=bytearray(2 << 20)))
                self.assertFalse(run.wait())
            self.assertIn("No space left", said.getvalue())
            self.assertEqual([os.path.basename(self.file(1))], os.listdir(self.checkpoints))
            run.checkpoint(SimpleNamespace(step=3, values=b""))
            self.assertTrue(run.wait())
            self.assertEqual(3, self.restored().step)
        finally:
            subprocess.run(["umount", str(self.checkpoints)], check=True)

    @unittest.skipUnless(os.geteuid() == 0, "only root can mount a small file system")
    def test_told_to_go_with_a_full_disk_it_still_leaves_with_75(self) -> None:
        self.checkpoints.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=3", "tmpfs", str(self.checkpoints)], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted: {mounted.stderr!r}")
        try:
            trainer = self.train(20, "model", STOP_AT="7")
            _, errors = trainer.communicate(timeout=60)
            self.assertEqual(75, trainer.returncode, errors)
            self.assertIn("not saved", errors)
            self.assertFalse((self.folder / "model").exists())
        finally:
            subprocess.run(["umount", str(self.checkpoints)], check=True)
