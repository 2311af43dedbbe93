"""Give the jobs of a killed worker to another worker."""

import asyncio
import logging
import time
from typing import Any

from config.outages import AWAY

# How often a worker writes its heartbeat, and after how long without one it counts as dead. A slow
# worker keeps its jobs; after a kill -9, a job continues within 15 seconds.
HEARTBEAT = 2.0
STALLED = 10.0
# How often to look for stalled and for waiting jobs.
BEAT = 2.0

# One statement, so that only one of several machines takes a job that stalled.
_RETRY = """
SELECT procrastinate_retry_job_v2(stalled.id, now(), NULL, NULL, NULL) FROM (
    SELECT job.id FROM procrastinate_jobs job
     WHERE job.status = 'doing'
       AND (job.worker_id IS NULL OR job.worker_id IN (
            SELECT id FROM procrastinate_workers
             WHERE last_heartbeat < now() - %(stalled)s * interval '1 second'))
       FOR UPDATE SKIP LOCKED) stalled
"""

log = logging.getLogger(__name__)


async def retry_stalled_jobs(connector: Any) -> None:
    """Retry jobs whose worker has written no heartbeat for STALLED seconds."""
    await connector.execute_query_all_async(_RETRY, stalled=STALLED)


async def watch_for_stalled_jobs(connector: Any) -> None:
    """Look for stalled jobs until this task is cancelled."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(BEAT)
        if time.monotonic() - began > 2 * BEAT:
            # This process was suspended, so its own heartbeats are late and must be written first.
            continue
        try:
            await retry_stalled_jobs(connector)
        except AWAY as error:
            log.warning("Stalled jobs wait for the database: %s", " ".join(str(error).split()))
