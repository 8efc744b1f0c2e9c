"""`python -m local run|stop|token|status`: the local stack from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local import appointments_demo, demo, process, queue_demo, stack
from local.stack import Stack, StackError


def main() -> int:
    arguments = _parser().parse_args()
    state_dir: Path = arguments.state_dir
    try:
        match arguments.command:
            case "run":
                _run(state_dir, arguments.port)
            case "stop":
                print("stopped" if stack.down(state_dir) else "nothing was running")
            case "token":
                print(_current(state_dir).token(arguments.user))
            case "status":
                running = process.status(state_dir)
                print(f"running at {running.endpoint_url}" if running else "not running")
    except (StackError, demo.DemoError, process.EmulatorError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _run(state_dir: Path, port: int) -> None:
    print("The local stack:")
    running = stack.up(state_dir, port=port)
    with demo.connect(running) as http:
        print("  demo business …", end="", flush=True)
        demo.seed(running, http)
        appointments_demo.seed(running, http)
        print(" ready", flush=True)
        demo.play(running, http)
        appointments_demo.play(running, http)
        queue_demo.play(running, http)
    print(f"""
The stack is up and stays up (`make stop` ends it). Its facts: {state_dir / "stack.json"}

  API  {running.api_url}

  curl '{running.api_url}/v1/health'
  curl '{running.api_url}/v1/businesses/{running.business_id}/slots?limit=3'
  curl -X POST '{running.api_url}/v1/bookings/reserve' \\
       -H "Authorization: Bearer $(make -s token USER=alice)" -H 'Idempotency-Key: my-first-hold' \\
       -H 'Content-Type: application/json' -d '{{"slotId": "<a slotId of the list>"}}'
""")


def _current(state_dir: Path) -> Stack:
    file = state_dir / "stack.json"
    if not file.exists() or process.status(state_dir) is None:
        raise StackError("The local stack is not up: `make run` first.")
    return stack.read(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local stack.")
    parser.add_argument("--state-dir", type=Path, default=process.DEFAULT_STATE_DIR, help="default: .local")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start, deploy, seed, play the main job, leave it up")
    run.add_argument("--port", type=int, default=process.DEFAULT_PORT)
    commands.add_parser("stop", help="end what run started, and only that")
    commands.add_parser("status", help="say whether it runs")
    token = commands.add_parser("token", help="print a JWT")
    token.add_argument("user", choices=("alice", "bob", "staff", "admin", "platform"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
