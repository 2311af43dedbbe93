"""What the web server serves: `granian --interface wsgi config.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from config.server.entry import check_fence, join_database
from config.server.lifeline import end_with_parent

end_with_parent()
join_database()
application = get_wsgi_application()
check_fence()
