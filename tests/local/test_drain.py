"""Patch `drain`: a silent handler costs no wait, and every printed line stays with its own call."""

import base64
import time

from tests.local.support import Cloud

SILENT = """
def handler(event, context):
    return "done"
"""
MINISTACKS_WAIT = 0.050


def fastest_warm_call(cloud: Cloud) -> float:
    function = cloud.function(SILENT)
    cloud.invoke(function)
    seconds = []
    for _ in range(15):
        before = time.perf_counter()
        assert cloud.invoke(function) == "done"
        seconds.append(time.perf_counter() - before)
    return min(seconds)


def test_a_silent_handler_is_not_waited_for(patched: Cloud, plain: Cloud) -> None:
    assert fastest_warm_call(patched) < MINISTACKS_WAIT
    assert fastest_warm_call(plain) >= MINISTACKS_WAIT


def test_each_line_is_in_the_log_of_its_own_call(patched: Cloud) -> None:
    function = patched.function("""
        import os, sys
        def handler(event, context):
            for n in range(event["lines"]):
                print("call", event["call"], "line", n)
            print("no newline", event["call"], end="", file=sys.stderr)
    """)
    for call in range(10):
        answer = patched.client("lambda").invoke(
            FunctionName=function, LogType="Tail", Payload=f'{{"call": {call}, "lines": 12}}'
        )
        log = base64.b64decode(answer["LogResult"]).decode()
        printed = [line for line in log.splitlines() if line.startswith(("call", "no newline"))]
        assert printed == [*(f"call {call} line {n}" for n in range(12)), f"no newline {call}"]
