"""The asynchronous part of the web server: it waits for clients, so that threads do not wait.

It reads a complete request, passes it to a thread that runs Django, and sends the response. Reading
bodies, sending responses and waiting for a thread have deadlines; health checks use no request
thread.
"""
