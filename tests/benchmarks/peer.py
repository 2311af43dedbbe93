"""The WSGI application of the peers built with Django; DJANGO_SETTINGS_MODULE selects the peer."""

from django.core.wsgi import get_wsgi_application

from config.server.entry import join_database
from config.server.parent_watchdog import end_with_parent

end_with_parent()
join_database()
application = get_wsgi_application()
