"""The ids of the services, events and media that a coupon or a pass is valid for."""

from typing import Any

from django.apps import apps

from config.api.input_fields import RelatedField
from config.statements.lookups import by_id
from config.tenancy.ids import same_row, show_id

from ..actions.offerings import Offered, Offerings, choose_offerings

# Model names instead of imports: these models are in an app above this one.
_MODELS = ("bookings.Service", "bookings.Event", "bookings.Media")


class OfferingIn(RelatedField):
    """The id of a service, an event or a medium on offer, with or without its prefix."""

    def __init__(self, **kwargs: Any) -> None:
        models = [apps.get_model(name) for name in _MODELS]
        super().__init__(models[0].objects, required=False, **kwargs)
        self.lookups = {model.id_prefix: by_id(model.objects.live()) for model in models}
        self.prefix = same_row(*self.lookups)[0]
        self.noun = "service, event or medium"

    def __deepcopy__(self, memo: Any) -> Any:
        twin = super().__deepcopy__(memo)
        # A list binds its child field, and refuses a field that is bound already.
        twin.source = None
        return twin

    def to_internal_value(self, data: Any) -> Any:
        """Return the public id and the name of the offering with this id."""
        found = self.read(data)
        company_id = self.context["actor"].company_id
        for prefix, lookup in self.lookups.items() if found is not None else ():
            if self._may_have(prefix, data):
                row = lookup.first(company_id=company_id, id=found)
                if row is not None:
                    return Offered(show_id(prefix, row.pk), row.name)
        return self.fail("unknown", noun=self.noun)

    def _may_have(self, prefix: str, text: str) -> bool:
        """Whether the sent id has this prefix, or no prefix."""
        given = [one for one in self.lookups if text.lower().startswith(one)]
        return not given or prefix in given


def name_offering(fields: dict[str, Any], name: str, *, keeps_id: bool = True) -> dict[str, Any]:
    """Return the fields of a new row, with the name of its `offering_id` in the field `name`.

    Raises Invalid if another name was sent.
    """
    offered = fields.pop("offering_id", None)
    if offered is None:
        return fields
    names = [fields[name]] if fields.get(name) else None
    chosen = _chosen(names, [offered], "offering_id")
    ids = {"offering_id": chosen.ids[0]} if keeps_id else {}
    return fields | {name: chosen.names[0], **ids}


def name_offerings(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a new row, with the names of its `offering_ids` in `offerings`.

    Raises Invalid if the sent names lack one of these.
    """
    offered = fields.pop("offering_ids", None)
    if not offered:
        return fields
    chosen = _chosen(fields.get("offerings") or None, offered, "offering_ids")
    return fields | {"offerings": chosen.names, "offering_ids": chosen.ids}


def _chosen(names: list[str] | None, offered: list[Offered], field: str) -> Offerings:
    return choose_offerings(Offerings([], []), names=names, offered=offered, field=field)
