from typing import Any

from config.access.actions import create_api_client
from config.access.command_helpers import IssuesCredential, read_scopes, show_scopes
from config.access.models import ApiClient
from config.commands import aligned
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for


class Command(IssuesCredential):
    help = "Let an integrator in by OAuth 2.0 client credentials."

    def handle(self, *args: Any, **options: Any) -> None:
        company = self.company(options["company"])
        with acting_for(company.id):
            client, secret = create_api_client(
                ApiClient(name=options["name"], scopes=read_scopes(options["scopes"])),
                actor=Actor.command(company),
            )
        facts = {"client_id": client.client_id, "client_secret": secret}
        self.say(
            {**facts, "scopes": client.scopes},
            f"API client “{client.name}” is ready. Its secret is shown this once:\n\n"
            + aligned({**facts, "scopes": show_scopes(client.scopes)}),
        )
