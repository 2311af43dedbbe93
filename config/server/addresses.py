"""The server's addresses: for people, and for the supervisor's readiness check."""

import http.client
import os
from dataclasses import dataclass

from django.conf import settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}
SECONDS_TO_ANSWER = 2.0


@dataclass(frozen=True)
class Addresses:
    """The addresses that follow from the server's host and port."""

    host: str
    port: int

    @property
    def is_everywhere(self) -> bool:
        return self.host in EVERYWHERE

    @property
    def base(self) -> str:
        """The public URL, without a trailing slash."""
        if "REGULARS_URL" in os.environ:
            return settings.PUBLIC_URL
        return f"http://{self._name}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return variables that tell the web server its own address, unless they are set."""
        known = {"REGULARS_URL": self.base}
        if self._name != "localhost" and "REGULARS_HOSTS" not in os.environ:
            known["REGULARS_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, self._name])
        return known

    def is_ready(self) -> bool:
        """Whether `/readyz` answers with 200."""
        near = EVERYWHERE.get(self.host, self.host)
        asking = http.client.HTTPConnection(near, self.port, timeout=SECONDS_TO_ANSWER)
        try:
            asking.request("GET", "/readyz", headers={"Host": _any_allowed_host()})
            return asking.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    @property
    def _name(self) -> str:
        if self.host in EVERYWHERE or self.host in THIS_MACHINE:
            return "localhost"
        return f"[{self.host}]" if ":" in self.host else self.host


def _any_allowed_host() -> str:
    first = (settings.ALLOWED_HOSTS or ["localhost"])[0]
    return "localhost" if first == "*" else first.removeprefix(".")
