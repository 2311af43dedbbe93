"""The asynchronous side of the web server: it waits for clients, so that no thread has to.

It reads a request whole, gives it to a thread that runs Django, and sends what the thread returns.
Bodies, responses and waiting for a thread have deadlines; health checks need no request thread.
"""
