"""Where the server is reached: by people, and by the supervisor that asks whether it is ready."""

import http.client
import os
from dataclasses import dataclass

from django.conf import settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}
SECONDS_TO_ANSWER = 2.0


@dataclass(frozen=True)
class Addresses:
    """The addresses that follow from the host and port of the server."""

    host: str
    port: int

    @property
    def is_everywhere(self) -> bool:
        return self.host in EVERYWHERE

    @property
    def base(self) -> str:
        """The address that people use, without a slash at its end."""
        if "REGULARS_URL" in os.environ:
            return settings.PUBLIC_URL
        return f"http://{self._name}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that tell the web server its own address, unless they are set."""
        known = {"REGULARS_URL": self.base}
        if self._name != "localhost" and "REGULARS_HOSTS" not in os.environ:
            known["REGULARS_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, self._name])
        return known

    def is_ready(self) -> bool:
        """Whether the server answers that it is ready."""
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
