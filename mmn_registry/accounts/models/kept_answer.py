"""What a program was answered, for the case that the answer was lost on its way."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class KeptAnswer(models.Model):
    """The answer to one request that wrote, by the key that its sender gave it.

    Written in the same transaction as what it tells of; sent again, the request is answered from
    here. Nobody but its sender sees it, and after two days it is gone: the trail leaves it out.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # No index of its own: the unique one begins with it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # By which token; "" for a browser or a password.
    token = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    # Of method, address and body: another request under the same key is a mistake.
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    etag = models.CharField(max_length=80, default="")
    location = models.CharField(max_length=200, default="")
    body = models.TextField(default="")
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "token", "key"], name="keptanswer_of_one_request"
            ),
        ]

    def __str__(self):
        return self.key
