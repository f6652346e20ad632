"""python -m helpdesk"""

import signal

# Importing takes a second; a Ctrl-C in it ends us without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from helpdesk.cli import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
