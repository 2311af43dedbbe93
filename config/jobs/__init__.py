"""Background jobs: started by staff or through the API, with progress and a report.

**A kind of job** is a function in the `jobs.py` of an app, which every process imports:

    @job_kind("tag", label=_("Tag customers"), counts={"tagged": _("tagged")}, resumes=True)
    def tag(work: Work) -> dict[str, int]:
        work.total = len(work.parameters["ids"])
        for ids in batched(work.parameters["ids"][work.done :], 100):
            with work.step():                       # one short transaction of the company
                for customer in Customer.objects.visible_to(work.actor).filter(id__in=ids):
                    try:
                        with transaction.atomic():
                            tag_customer(customer, actor=work.actor)
                    except Refusal as refusal:
                        work.refuse(str(customer), str(refusal), page_of(customer))
                work.done += len(ids)
        return {"tagged": work.done - work.refused}

**An entry point starts it** in the transaction of its request, and redirects staff to its page:

    job = start_job("tag", {"ids": ids}, title=_("Tag 40 customers"),
                    permission="customers.change_customer", actor=request.actor)
    return redirect(job_page(job))                  # config.admin.job_pages.job_page

Staff need the `permission` to open the job's page and its files. At each step, the person who
started the job must still work in the company and have the permission; an API client or API key
must still be valid and have the `scope`. `once` makes starting idempotent: a second `start_job` of
this kind with the same `once` returns the first job.

**How a kind runs.** It runs outside a transaction, in the company's time zone, as the actor that
started it. `work.step()` is a transaction that also saves `done`, `total`, `kept` (a dict for the
kind's own use) and the refusals, so the effects of a step and its progress are one commit. For
reading, use `with work.reading():`, a transaction that saves no progress. `work.progress(done)`
reports progress; it can be called often and is saved once a second. `step` and `progress` raise
`Stop` or NotAllowedAnyMore when the job must stop; a kind must not catch these.

**A worker may be killed** at any moment; the job then runs again, perhaps on another machine. A
kind that `resumes` finds `done`, `kept` and its refusals as the last step saved them, so it
continues from there and no effect happens twice. Any other kind starts over: its refusals and files
are removed, so its effects must be idempotent. An attempt ends when a newer one has started
(`attempt` tells them apart), and a job fails after `MOST_ATTEMPTS` attempts.

**Files**, uploaded and made, are stored in chunks in PostgreSQL, because workers share no disk:
`with work.writing("customers.csv", "text/csv") as out: out.write(…)`; `config.jobs.files` reads
them. Files and refusals are removed after `DAYS_KEPT` days; the job itself stays, as the record of
who did what.

The result is a dict of counts, shown under the names in `counts`. A kind with more to show names a
`template`, which gets `job`, and stores its data in `work.kept`. Long content goes into a second
template, `below` the refusals.
"""
