from config.access.actions import rotate_api_key
from config.access.command_helpers import KeyVerb, Report, show_scopes
from config.access.models import ApiKey
from config.commands import aligned
from config.tenancy.actors import Actor


class Command(KeyVerb):
    help = "Create a new API key in place of another. The old key stays valid until you revoke it."

    def act(self, key: ApiKey, actor: Actor) -> Report:
        new, text = rotate_api_key(key, actor=actor)
        facts = {"id": str(new.id), "key": text}
        return {**facts, "scopes": new.scopes}, (
            f"API key “{new.name}” has a successor, which is shown this once:\n\n"
            + aligned({**facts, "scopes": show_scopes(new.scopes)})
            + f"\n\nOnce it is in use: manage.py revoke_api_key {key.id}"
        )
