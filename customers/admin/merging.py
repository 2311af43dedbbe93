"""The pages that merge two records of one person, and undo a merge."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.buttons import Button
from config.admin.forms import Compares, Picker
from config.admin.tables import table_of
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.ids import read_id
from config.times import show_moment

from ..actions import merge_customers, obstacle_to_undoing, plan_merge, undo_merge
from ..actions.merge_plans import KEPT, MERGED, PREFERENCE, FieldPlan, MergePlan
from ..errors import MergeNotUndoable
from ..models import Customer, CustomerMerge, Note

# The most rows of each kind that a page shows.
SHOWN = 5
CHOICE = "choice-"
PREFERENCE_NAMES = {
    "preferred_contact": gettext_lazy("Prefers to be reached by"),
    "marketing_opt_in": gettext_lazy("Wants to hear of offers"),
}


class Merging(Compares):
    """The form that merges two records; it shows the plan and asks which values to keep."""

    merged = forms.ModelChoiceField(
        label=gettext_lazy("The other record of this person"),
        queryset=Customer.objects.none(),
        widget=Picker(Note._meta.get_field("customer"), admin.site),
        help_text=gettext_lazy("Everything of it moves here. Its id goes on meaning this record."),
    )

    def __init__(self, row: Any, request: Any, **kwargs: Any) -> None:
        self.asked_for = request.POST.get("merged") or request.GET.get("with", "")
        self.plan: MergePlan | None = None
        super().__init__(row, request, **kwargs)

    def begin(self) -> dict[str, Any]:
        return {"merged": read_id(Customer.id_prefix, self.asked_for)}

    def prepare(self) -> None:
        rows = Customer.objects.visible_to(self.actor).defer("search_words")
        self.fields["merged"].queryset = rows  # type: ignore[attr-defined]
        self.explains = [_("Two records of one person become one. It can be undone for 30 days.")]
        key = read_id(Customer.id_prefix, self.asked_for)
        other = rows.filter(pk=key).first() if key else None
        if other is None:
            return
        try:
            self.plan = plan_merge(self.row, merged=other, actor=self.actor)
        except Refusal as refusal:
            self.explains = [str(refusal)]
            return
        self.explains = [*self._sentences(self.plan)]
        self.tables = [_moving(self.plan)]
        for number, one in enumerate(self.plan.fields):
            self.fields[f"{CHOICE}{number}"] = _choice(one)

    def facts(self) -> list[Any]:
        return [self.plan.fingerprint if self.plan else ""]

    def clean(self) -> None:
        if self.plan is not None and not self.was_shown():
            self.add_error(None, _("Look at what will happen below, then merge."))
        elif self.plan is None or self.was_shown() == self.now_shown:
            forms.Form.clean(self)
        else:
            sentence = _("One of the two records has changed meanwhile. Look again, then merge.")
            self.add_error(None, sentence)

    def answers(self) -> dict[str, Any]:
        assert self.plan is not None
        choices = {
            one.name: self.cleaned_data[f"{CHOICE}{number}"]
            for number, one in enumerate(self.plan.fields)
        }
        chosen = {name: choice for name, choice in choices.items() if choice}
        return {"merged": self.plan.merged, "choices": chosen, "plan": self.plan.fingerprint}

    def _sentences(self, plan: MergePlan) -> list[Any]:
        refused = [str(one) for one in plan.refusals]
        if refused:
            return [_("These two cannot be merged yet."), *refused]
        return [
            _(
                "Everything of %(merged)s moves to %(kept)s. Invoices, payments and the ledger "
                "stay as they are, but for whose they are. Links and ids of %(merged)s go on "
                "working and lead here. It can be undone for 30 days."
            )
            % {"merged": plan.merged, "kept": plan.kept}
        ]


class Unmerging(Compares):
    """The form that undoes a merge; it names the merge and any obstacle."""

    def prepare(self) -> None:
        self.merge = merge = newest_merge(self.row)
        if merge is None:
            self.explains = [_("Nothing was merged into this record that could be undone.")]
            return
        obstacle = obstacle_to_undoing(merge)
        facts = {"when": show_moment(merge.created_at), "name": merge.actor_name}
        self.explains = [
            _("%(name)s merged another record into this one on %(when)s.") % facts,
            obstacle
            or _(
                "Both records will be as they were before. What was added since to this one stays "
                "here."
            ),
        ]
        self.tables = [_differing(merge), _moved(merge)]

    def facts(self) -> list[Any]:
        return [self.merge.pk if self.merge else ""]

    def clean(self) -> None:
        forms.Form.clean(self)
        if self.was_shown() != self.now_shown:
            text = _(
                "This is not the merge that was shown. Read which one it is now, then undo it."
            )
            self.add_error(None, text)

    def answers(self) -> dict[str, Any]:
        return {"merge": self.merge}


def undo_shown_merge(customer: Customer, *, merge: CustomerMerge | None, actor: Actor) -> None:
    """Undo a merge into a customer; raises MergeNotUndoable and the refusals of `undo_merge`."""
    if merge is None:
        raise MergeNotUndoable
    undo_merge(merge, actor=actor)


def newest_merge(customer: Customer) -> CustomerMerge | None:
    """Return the newest merge into a customer that was not undone."""
    return CustomerMerge.objects.standing().filter(kept=customer).newest_first().first()


def merge_into(
    customer: Customer, *, merged: Customer, choices: dict[str, str], plan: str, actor: Actor
) -> None:
    """Merge another record into a customer."""
    merge_customers(customer, merged=merged, choices=choices, plan=plan, actor=actor)


def _choice(one: FieldPlan) -> forms.ChoiceField:
    """Return the field that asks which of two values to keep."""
    united = [("", _("Both: %(value)s") % {"value": _shown(one.result)})]
    return forms.ChoiceField(
        label=_name_of(one.name),
        required=False,
        initial="" if one.name == "tags" else (KEPT if one.result == one.kept else MERGED),
        choices=[
            *(united if one.name == "tags" else ()),
            (KEPT, _("Keep: %(value)s") % {"value": _shown(one.kept)}),
            (MERGED, _("Take over: %(value)s") % {"value": _shown(one.merged)}),
        ],
        widget=UnfoldAdminSelectWidget,
    )


def _moving(plan: MergePlan) -> dict[str, Any]:
    """Return the table of moving rows, with links to the newest rows of each kind."""
    rows = []
    for move in plan.moves:
        model: Any = move.key.model
        few = model.objects.filter(company_id=plan.kept.company_id, pk__in=move.ids[-SHOWN:])
        names = " · ".join(str(one) for one in few.order_by("-pk"))
        changed = _("%(count)s of them archived or no longer the default") % {
            "count": len(move.given)
        }
        more = changed if move.given else ""
        rows.append((capfirst(model._meta.verbose_name_plural), move.number, names, more))
    headers = (_("what"), _("how many"), _("the newest"), _("what else changes"))
    return table_of(_("What moves"), headers, rows, empty=_("Nothing but the record itself."))


def _differing(merge: CustomerMerge) -> dict[str, Any]:
    rows = [
        (_name_of(one["name"]), _shown(one["kept"]), _shown(one["merged"])) for one in merge.fields
    ]
    headers = (_("what"), _("this record had"), _("the other record had"))
    return table_of(_("Fields"), headers, rows, empty=_("Both had the same."))


def _moved(merge: CustomerMerge) -> dict[str, Any]:
    rows = [(capfirst(one["object"].replace("_", " ")), one["count"]) for one in merge.moved]
    return table_of(_("What moved"), (_("what"), _("how many")), rows, empty=_("Nothing."))


def _name_of(name: str) -> str:
    if name.startswith(PREFERENCE):
        key = name.removeprefix(PREFERENCE)
        return str(PREFERENCE_NAMES.get(key, key))
    return capfirst(str(Customer._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in ("", None) else str(localize(value))


MERGE_BUTTONS = (
    Button(
        name="merge",
        label=gettext_lazy("Merge"),
        done=gettext_lazy("merged"),
        asks=gettext_lazy("Merge another record into %(name)s?"),
        says=gettext_lazy("The other record was merged into %(name)s."),
        act=merge_into,
        is_available=lambda customer: not customer.is_archived,
        icon="merge",
        many=False,
        form=Merging,
        permission="customers.add_customermerge",
    ),
    Button(
        name="unmerge",
        label=gettext_lazy("Undo merge"),
        done=gettext_lazy("taken apart"),
        asks=gettext_lazy("Undo the merge into %(name)s?"),
        says=gettext_lazy("The merge into %(name)s was undone."),
        act=undo_shown_merge,
        is_available=lambda customer: newest_merge(customer) is not None,
        icon="call_split",
        many=False,
        form=Unmerging,
        permission="customers.change_customermerge",
    ),
)
