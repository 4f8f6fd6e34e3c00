"""The Compose file as far as it can be judged without a container engine: its shape, and that what it names is there.

    compose_shape.py deploy/compose.yaml

Needs the package `pyyaml`.
"""

import re
import sys
from pathlib import Path

import yaml

# Of the Compose specification, what a service, a build and the file itself may have (compose-spec.io).
FILE = {"name", "services", "networks", "volumes", "configs", "secrets"}
SERVICE = set(
    "annotations build cap_add cap_drop command configs container_name depends_on deploy dns entrypoint env_file environment "
    "expose extra_hosts healthcheck hostname image init labels logging network_mode networks pid ports profiles pull_policy "
    "read_only restart secrets security_opt stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes "
    "working_dir".split()
)
BUILD = {"context", "dockerfile", "args", "target", "cache_from", "labels", "network", "shm_size", "secrets", "tags"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")


def faults(path):
    file = yaml.safe_load(path.read_text())
    yield from unknown("the file", file, FILE)
    services, folder = file["services"], path.parent
    for name, service in services.items():
        yield from unknown(name, service, SERVICE)
        if ("image" in service) == ("build" in service):
            yield f"{name}: either an image or a build"
        yield from build(name, service.get("build", {}), folder)
        yield from volumes(name, service.get("volumes", []), file.get("volumes") or {}, folder)
        yield from others(name, service, services, folder)
        for port in service.get("ports", []):
            if not re.fullmatch(r"([\d.]+:)?\d+:\d+(/(tcp|udp))?", str(port)):
                yield f"{name}: {port} is no port"
        grace = service.get("stop_grace_period", "1s")
        if not DURATION.fullmatch(grace):
            yield f"{name}: {grace} is no time"
        if not re.fullmatch(r"no|always|unless-stopped|on-failure(:\d+)?", service.get("restart", "no")):
            yield f"{name}: restart is {service['restart']}"
        for key, value in (service.get("environment") or {}).items():
            if not isinstance(value, (str, int, type(None))):
                yield f"{name}: {key} must be text"


def unknown(name, given, known):
    yield from (f"{name}: nobody knows {key}" for key in given if key not in known and not key.startswith("x-"))


def build(name, given, folder):
    yield from unknown(name, given, BUILD)
    if given and not (folder / given["context"] / given.get("dockerfile", "Dockerfile")).is_file():
        yield f"{name}: there is no {given.get('dockerfile')}"


def volumes(name, given, declared, folder):
    for volume in given:
        source, target, *_ = volume.split(":")
        if not target.startswith("/"):
            yield f"{name}: {volume} is not mounted at a path"
        if source.startswith("."):
            if not (folder / source).exists():
                yield f"{name}: there is no {source}"
        elif source not in declared:
            yield f"{name}: no volume is called {source}"


def others(name, service, services, folder):
    mode = service.get("network_mode", "")
    if mode.startswith("service:"):
        if mode.removeprefix("service:") not in services:
            yield f"{name}: no service is called {mode.removeprefix('service:')}"
        if "ports" in service:
            yield f"{name}: ports belong to {mode}"
    for other, how in (service.get("depends_on") or {}).items():
        if other not in services or how.get("condition") not in CONDITIONS:
            yield f"{name}: depends on {other} {how}"
        elif how["condition"] == "service_healthy" and not healthy(services[other], folder):
            yield f"{name}: {other} never says that it is healthy"


def healthy(service, folder):
    if "healthcheck" in service or "build" not in service:
        return "healthcheck" in service
    given = service["build"]
    return "\nHEALTHCHECK " in (folder / given["context"] / given.get("dockerfile", "Dockerfile")).read_text()


def main(path):
    found = list(faults(Path(path)))
    for fault in found:
        print(f"deploy: compose: {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
