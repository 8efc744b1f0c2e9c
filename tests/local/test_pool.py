"""Patch `pool`: a burst queues for few processes; a handler that calls itself does not wait for itself."""

from concurrent.futures import ThreadPoolExecutor

from tests.local.support import Cloud

WORKERS = 3  # as the fixture starts it
BURST = 8

SAYS_WHICH_PROCESS = """
def handler(event, context):
    time.sleep(0.1)
    return os.getpid()
"""


def processes_of_a_burst(cloud: Cloud) -> list[int]:
    function = cloud.function(SAYS_WHICH_PROCESS)
    with ThreadPoolExecutor(BURST) as callers:
        return list(callers.map(lambda _: cloud.invoke(function), range(BURST)))


def test_a_burst_queues_for_the_workers_there_are(patched: Cloud, plain: Cloud) -> None:
    served_by = processes_of_a_burst(patched)
    assert len(served_by) == BURST
    assert len(set(served_by)) <= WORKERS
    assert len(set(processes_of_a_burst(plain))) > WORKERS


def test_a_handler_that_calls_itself_gets_a_worker_at_once(patched: Cloud) -> None:
    function = patched.function("""
        import botocore.session
        def handler(event, context):
            if event == 0:
                return "bottom"
            client = botocore.session.Session().create_client("lambda")
            answer = client.invoke(FunctionName=context.function_name, Payload=json.dumps(event - 1))
            return json.loads(answer["Payload"].read())
    """)
    assert patched.invoke(function, WORKERS + 1) == "bottom"
