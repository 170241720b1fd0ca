# Two images: `functions`, the Azure Functions host, for Container Apps and AKS (the default), and
# `slim`, the local host, for development and compose.yaml: docker build --target slim .
# Without a network: --build-arg PIP_OPTIONS="--no-index --find-links=/context/wheelhouse"

FROM python:3.13-slim-bookworm AS slim
ARG PIP_OPTIONS=""
WORKDIR /app
COPY requirements.txt ./
RUN --mount=type=bind,target=/context python -m pip install --no-cache-dir ${PIP_OPTIONS} -r requirements.txt
COPY function_app.py host.json ./
COPY simulator simulator
RUN mkdir -m 1777 .recording
USER 65534
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/++/health')"]
CMD ["python", "-m", "simulator", "serve", "--host", "0.0.0.0", "--port", "8000"]

FROM mcr.microsoft.com/azure-functions/python:4-python3.13 AS functions
ARG PIP_OPTIONS=""
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureWebJobsDisableHomepage=true \
    ASPNETCORE_URLS=http://+:8080 \
    HOME=/home
WORKDIR /home/site/wwwroot
COPY requirements.txt ./
RUN --mount=type=bind,target=/context python -m pip install --no-cache-dir ${PIP_OPTIONS} -r requirements.txt
COPY function_app.py host.json ./
COPY simulator simulator
# The host keeps its keys and its logs here; it runs as a user that may do nothing else.
RUN useradd --system --no-create-home --uid 10001 simulator \
    && mkdir -p /azure-functions-host/Secrets /home/LogFiles /home/data \
    && chown -R simulator /azure-functions-host/Secrets /home/LogFiles /home/data
USER 10001
EXPOSE 8080
