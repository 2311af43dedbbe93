import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.plain.settings"

from django.core.wsgi import get_wsgi_application

from config.server.entry import join_database
from config.server.lifeline import end_with_parent

end_with_parent()
join_database()
application = get_wsgi_application()
