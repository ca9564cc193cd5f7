# The registry in service: no compiler, no embedded server, no root.
FROM python:3.13-slim AS web

ENV PYTHONUNBUFFERED=1 MMN_STATIC_ROOT=/srv/static
WORKDIR /srv/registry

COPY requirements/uv.txt requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv pip install --system --no-cache --require-hashes --compile-bytecode -r requirements/runtime.txt \
    && pip uninstall --yes uv

COPY . .
# Static files get their final names here. Nothing of these settings stays in the image.
RUN MMN_PRODUCTION=1 SECRET_KEY=unused ALLOWED_HOSTS=unused DATABASE_URL=postgres:///unused DATABASE_DERIVE_URL=postgres:///unused \
    MMN_IDENTITY_KEY=collects-static-files-and-nothing-else \
    python manage.py collectstatic --no-input

# Where the worker writes anchors of the trail: a volume mounted here belongs to it.
RUN mkdir /anchors && chown nobody /anchors
# And where it restores backups to verify them.
RUN mkdir /scratch && chown nobody /scratch

USER nobody
EXPOSE 8000
# sync workers: a request that takes too long is ended; the proxy keeps slow clients away.
CMD ["gunicorn", "mmn_registry.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "sync", \
     "--workers", "4", "--timeout", "35", "--graceful-timeout", "30", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket", "--config", "python:mmn_registry.gunicorn_hooks"]

# The same with PostgreSQL's programs: to copy a running server, and to restore beside it.
FROM web AS worker
USER root
RUN pip install --no-cache-dir --require-hashes -r requirements/postgres.txt
USER nobody
CMD ["python", "manage.py", "worker"]
