"""Runs MiniStack until standard input ends, so that it cannot outlive whoever started it, however that one dies.

Leads a process group of its own, which ends with it: the functions that MiniStack runs are in that group.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


os.setpgid(0, 0)
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
runpy.run_module("ministack", run_name="__main__")
