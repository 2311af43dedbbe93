"""The application of the peers made of Django: which of them, DJANGO_SETTINGS_MODULE says."""

from django.core.wsgi import get_wsgi_application

from config.server.entry import join_database
from config.server.parent_watchdog import end_with_parent

end_with_parent()
join_database()
application = get_wsgi_application()
