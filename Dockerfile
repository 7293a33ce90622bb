# One image for web, worker, importer, beat and migrate. It holds no secret and no server.

FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements-server.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    -r requirements-server.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin pharos \
    && install --directory --owner=pharos --group=pharos /data
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/static
WORKDIR /app
COPY . .
# Settings want their variables even where nothing is reached; none of these values is kept.
RUN python -m compileall -q . \
    && SECRET_KEY=none-at-build-time-none-at-build-time-none-at-build-time \
    DATABASE_URL=postgresql://build REDIS_URL=redis://build BASE_URL=https://build.invalid \
    python -m config.stack.prepare release
USER pharos
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "config/web.py", "config.wsgi"]
