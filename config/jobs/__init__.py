"""Background work: started by staff or through the API, watched by its progress, and its report.

**A kind of work** is a function that stands in the `jobs.py` of an app, which every process reads:

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

**A door starts it** in the transaction of its request, and sends staff to its page:

    job = start_job("tag", {"ids": ids}, title=_("Tag 40 customers"),
                    permission="customers.change_customer", actor=request.actor)
    return redirect(job_page(job))                  # config.admin.job_pages.job_page

`permission` is what one must be allowed in order to open its page and its files; whoever started it
must still be at work in the company, and be allowed that, at each step. An API client or API key
that starts it must still be let in and have the `scope` then. `once` names what may be done once: a
second `start_job` of this kind with the same `once` returns the first one's job.

**What a kind may count on.** It runs in no transaction, on the company's clocks, as whoever
started it. `work.step()` is a transaction that also keeps `done`, `total`, `kept` (a dict of the
kind's own) and what was refused: what a step did and that it did it are one commit. Reading alone
needs no step: `with work.reading():` is a transaction without that, and `work.progress(done)` notes
how far it is, as often as one likes: it is written once a second. Both raise when the work is to
stop (`Stop`, or NotAllowedAnyMore), which a kind lets pass.

**A worker may be killed** anywhere; the work is then run again, on another machine perhaps. A kind
that `resumes` finds `done`, `kept` and what it refused as its last step left them, so it goes on
from there and nothing has a double effect. Any other begins anew: its refusals and files are
forgotten, so its effects must be such that doing them again changes nothing. What ran into a
revived twin of itself (`attempt` fences them) or was begun `MOST_ATTEMPTS` times is over.

**Files**, given and made, are chunks in PostgreSQL, since workers share nothing else:
`with work.writing("customers.csv", "text/csv") as out: out.write(…)`; `config.jobs.files` reads
them. They and the refusals are removed after `DAYS_KEPT` days; the job itself stays, as the record
of who did what.

The result is a dict of counts, shown under the names in `counts`. A kind with more to say names a
`template`, which gets `job`, and keeps what it needs in `work.kept`. What is long goes into a
second template, `below` what was refused.
"""
