"""The cleanup of finished jobs in the queue."""

from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app

HOURS_KEPT = 72


@app.periodic(cron="37 4 * * *")
@app.task(name="server.forget_jobs", queueing_lock="server.forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Remove jobs that succeeded days ago; failed ones stay for inspection."""
    await builtin_tasks.remove_old_jobs(context, max_hours=HOURS_KEPT)
