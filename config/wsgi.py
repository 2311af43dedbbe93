"""Django with its way into the API, as a WSGI application that `config/asgi.py` runs in threads."""

import django

from config.server.entry import check_readiness, join_database
from config.server.parent_watchdog import end_with_parent

end_with_parent()
join_database()
django.setup(set_prefix=False)
from config.api.handler import Application  # noqa: E402
from config.requests.recorder import recorder  # noqa: E402

application = Application()
check_readiness()
recorder.start()
