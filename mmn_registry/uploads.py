"""What a browser may send at most.

Django's own limit is for what is typed; files it would store however large they are.
"""

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

LARGEST_REQUEST_BYTES = 20 * 1024**2  # as the proxy has it: deploy/nginx.conf


class LimitedUpload(FileUploadHandler):
    """Before the handlers that store: refuses by what the request says of its own length."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803
        if content_length > LARGEST_REQUEST_BYTES:
            raise RequestDataTooBig("This is more than may be sent at once.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
