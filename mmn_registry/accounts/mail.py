"""Sending mail; a mail server that is away is no error page."""

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)
_aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send(message: EmailMessage) -> bool:
    """Whether the mail server took it."""
    try:
        message.send()
    except (OSError, SMTPException):
        log.warning("A mail could not be sent.", exc_info=True)
        return False
    return True


def send_aside(message: EmailMessage) -> None:
    """Without waiting: how long an answer takes must not tell whether there was a mail to send."""
    _aside.submit(send, message)
