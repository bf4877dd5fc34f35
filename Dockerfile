# The production image: web, worker, beat and migrate are the same image with another command (docker-compose.yml).
FROM python:3.11-slim-bookworm

# Libraries that WeasyPrint draws PDFs with.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .

# The person who runs it owns nothing but the data folder.
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin ims2 \
 && mkdir -p /data /app/static-collected && chown ims2:ims2 /data \
 && IMS2_VAR=/tmp/build STATIC_ROOT=/app/static-collected python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /tmp/build && python -m compileall -q .
ENV IMS2_ENV=production IMS2_VAR=/data STATIC_ROOT=/app/static-collected
USER ims2
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "-c", "ims2/gunicorn.py", "ims2.wsgi"]
