"""A program as it is written with python3-docker: DOCKER_HOST is all that it is told. It prints a line for each step."""

import io
import socket
import tarfile
import threading
import time
import urllib.request

import docker

client = docker.from_env()
print("version", client.api.api_version, client.ping())


def port_of(container, port):
    container.reload()
    return int(container.ports[port][0]["HostPort"])


def said(port, data):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(data)
        return connection.recv(100)


def wait_for_port(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 10).close()
        except ConnectionRefusedError:
            time.sleep(0.05)


def logged(container, words):
    for line in container.logs(stream=True, follow=True):
        if words in line:
            return True
    return False


def archive_of(name, content):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


heard = []
following = client.events(decode=True, filters={"type": "container", "container": "database"})


def follow():
    for event in following:
        heard.append(event["Action"])


follower = threading.Thread(target=follow, daemon=True)
follower.start()

database = client.containers.run(
    "postgres",
    detach=True,
    name="database",
    environment={"POSTGRES_PASSWORD": "secret"},
    ports={"5432/tcp": ("127.0.0.1", None)},
    mem_limit="512m",
    labels={"app": "shop"},
)
print("postgres ready", logged(database, b"ready to accept connections"))
print("postgres says", said(port_of(database, "5432/tcp"), bytes([0, 0, 0, 8, 4, 210, 22, 47])))
print("select", database.exec_run(["psql", "-U", "postgres", "-Atc", "SELECT 6 * 7"]))
code, (out, err) = database.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True)
print("apart", code, out, err)
stats = database.stats(stream=False)
print("limit", stats["memory_stats"]["limit"], stats["memory_stats"]["usage"] > 0)
print("listed", [each.name for each in client.containers.list(filters={"label": "app=shop"})])
print("processes", len(database.top()["Processes"]) > 3)
database.pause()
database.reload()
print("paused", database.status)
database.unpause()
database.stop(timeout=5)
print("ended", database.wait())
database.remove(v=True)
for _ in range(100):
    if "destroy" in heard:
        break
    time.sleep(0.05)
print("events", [action for action in heard if action in ("create", "start", "pause", "unpause", "die", "destroy")])

cache = client.containers.run("redis", detach=True, auto_remove=True, publish_all_ports=True)
print("redis ready", logged(cache, b"Ready to accept connections"))
print("redis says", said(port_of(cache, "6379/tcp"), b"PING\r\n"))
for pieces in [cache.exec_run(["sh", "-c", "echo a; sleep 0.2; echo b"], stream=True).output]:
    print("stream", b"".join(pieces))
cache.update(mem_limit="256m", memswap_limit="512m")
cache.kill()

web = client.containers.create("nginx", ports={"80/tcp": ("127.0.0.1", None)})
print("put", web.put_archive("/var/www/html", archive_of("index.html", b"<p>hello</p>")))
web.start()
wait_for_port(port_of(web, "80/tcp"))
print("nginx says", urllib.request.urlopen("http://127.0.0.1:%d/" % port_of(web, "80/tcp"), timeout=10).read())
pieces, stat = web.get_archive("/var/www/html/index.html")
with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
    print("got", stat["name"], stat["size"], archive.extractfile("index.html").read())
print("diff", {"Path": "/var/www/html/index.html", "Kind": 1} in web.diff())
web.rename("front")
web.reload()
print("renamed", web.name)
web.remove(force=True)

print("output", client.containers.run("busybox", ["echo", "done"], remove=True))
try:
    client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 7"], remove=True)
except docker.errors.ContainerError as error:
    print("failed", error.exit_status, error.stderr)

talker = client.containers.create("busybox", ["sh", "-c", "read a; echo got $a"], stdin_open=True, tty=True)
connection = talker.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
talker.start()
connection._sock.sendall(b"word\n")
print("attached", b"got word" in b"".join(iter(lambda: connection._sock.recv(4096), b"")))
talker.remove(force=True)

volume = client.volumes.create("data", labels={"a": "b"})
print("volume", volume.name, volume.attrs["Driver"], client.volumes.get("data").attrs["Labels"])
volume.remove()
image = client.images.get("busybox")
print("tag", image.tag("kept", "1"), "kept:1" in client.images.get("kept:1").tags)
saved = b"".join(client.images.get("kept:1").save(named=True))
client.images.remove("kept:1")
print("loaded", [each.tags for each in client.images.load(saved)])
for missing in (lambda: client.containers.get("nosuch"), lambda: client.images.get("nosuch")):
    try:
        missing()
    except docker.errors.NotFound as error:
        print("missing", error.status_code, type(error).__name__)
print("left", client.containers.list(all=True))
