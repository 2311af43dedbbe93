from config.access.actions import rotate_api_client
from config.access.command_helpers import ClientVerb, Report
from config.access.models import ApiClient
from config.commands import aligned
from config.tenancy.actors import Actor


class Command(ClientVerb):
    help = "Give an API client a new secret; the old one stops at once."

    def act(self, client: ApiClient, actor: Actor) -> Report:
        secret = rotate_api_client(client, actor=actor)
        facts = {"client_id": client.client_id, "client_secret": secret}
        return facts, (
            f"API client “{client.name}” has a new secret, which is shown this once:\n\n"
            f"{aligned(facts)}\n\nTokens that are out run to their end, an hour at most."
        )
