"""Gives the jobs of a worker that was killed to another one."""

import asyncio
import logging
import time
from typing import Any

from config.outages import AWAY

# A worker writes its heartbeat this often, and counts as dead after several that are missing: one
# that is slow keeps its jobs. A job goes on 15 seconds after a kill -9 at the latest.
HEARTBEAT = 2.0
STALLED = 10.0
# How often to look for such jobs, and for jobs that wait.
BEAT = 2.0

# One statement, so that of several machines that look at once one takes a job away.
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
    """Let jobs begin again whose worker has written no heartbeat for STALLED seconds."""
    await connector.execute_query_all_async(_RETRY, stalled=STALLED)


async def watch_for_stalled_jobs(connector: Any) -> None:
    """Look for stalled jobs until cancelled."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(BEAT)
        if time.monotonic() - began > 2 * BEAT:
            # This process was stopped, so its own heartbeats are late and come first.
            continue
        try:
            await retry_stalled_jobs(connector)
        except AWAY as error:
            log.warning("Stalled jobs wait for the database: %s", " ".join(str(error).split()))
