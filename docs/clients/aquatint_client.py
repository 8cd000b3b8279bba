"""A client for the API of `aquatint serve` and `aquatint studio`, with the standard library alone.

    from aquatint_client import Client

    studio = Client("http://127.0.0.1:8431")
    [job] = studio.add(["films/clip.mp4"], {"style": "pencil", "crf": 18})
    job = studio.wait(job["id"], told=print)
    print(job["state"], [output["file"] for output in job["outputs"]])

Files are named `ROOT/relative/path`, as `roots` and `files` list them. A request that fails raises `Problem`, which says what
failed and what to do. Needs Python 3.9.
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ENDED = ("done", "failed", "cancelled")


class Problem(Exception):
    """A request that failed: `status` (HTTP), `title` (what failed), `detail` (what to do), `topic` (of `aquatint help`)."""

    def __init__(self, status, title, detail="", topic=None, offset=None):
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status, self.title, self.detail, self.topic, self.offset = status, title, detail, topic, offset


class Client:
    """Talks to one studio. `token` is what it printed, where it asks for one; `timeout` is in seconds."""

    def __init__(self, url="http://127.0.0.1:8431", token=None, timeout=60):
        self.base = url.rstrip("/") + "/api/v1"
        self.token = token
        self.timeout = timeout

    # Requests.

    def open(self, method, path, body=None, headers=None, query=None, timeout=None):
        """The answer to a request, to be read and closed."""
        url = self.base + path
        query = {key: value for key, value in (query or {}).items() if value is not None}
        if query:
            url += "?" + urllib.parse.urlencode(query)
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            return urllib.request.urlopen(request, timeout=timeout or self.timeout)
        except urllib.error.HTTPError as error:
            raise self._problem(error) from None

    @staticmethod
    def _problem(error):
        text = error.read().decode(errors="replace")
        try:
            said = json.loads(text)
            return Problem(error.code, said["title"], said.get("detail", ""), said.get("topic"), said.get("offset"))
        except (ValueError, KeyError, TypeError):
            return Problem(error.code, f"the request failed ({error.code})", text)

    def ask(self, method, path, body=None, headers=None, query=None):
        """What a request gives, as Python values; None where it gives nothing."""
        with self.open(method, path, body, headers, query) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def all(self, path, **query):
        """All items of a list, part by part."""
        cursor = None
        while True:
            part = self.ask("GET", path, query={**query, "cursor": cursor})
            yield from part["items"]
            cursor = part["next"]
            if cursor is None:
                return

    # Files.

    def roots(self):
        """The allowed folders."""
        return list(self.all("/roots"))

    def files(self, folder):
        """What is in a folder, `ROOT` or `ROOT/relative/path`."""
        return list(self.all("/files", folder=folder))

    def probe(self, file):
        """What a file contains."""
        return self.ask("GET", "/files/probe", query={"file": file})

    def upload(self, path, told=None):
        """Uploads a file; its name in the studio. What is interrupted goes on where it was."""
        size = os.path.getsize(path)
        upload = self.ask("POST", "/uploads", {"name": os.path.basename(path), "bytes": size})
        offset, fails = 0, 0
        with open(path, "rb") as source:
            while True:
                source.seek(offset)
                part = source.read(upload["chunk_bytes"])
                headers = {"Content-Type": "application/octet-stream", "Upload-Offset": str(offset)}
                try:
                    now = self.ask("PATCH", "/uploads/" + upload["id"], part, headers)
                except Problem as problem:
                    if problem.offset is None:
                        raise
                    offset = problem.offset
                    continue
                except OSError:
                    fails += 1
                    if fails > 5:
                        raise
                    time.sleep(fails)
                    continue
                offset = now["offset"]
                if told:
                    told(offset, size)
                if now["file"]:
                    return now["file"]

    def download(self, file, path):
        """Saves a file of the studio to `path`, which gets its name when it is complete."""
        part = f"{path}.part"
        with self.open("GET", "/files/content", query={"file": file}) as answer, open(part, "wb") as target:
            while block := answer.read(1 << 20):
                target.write(block)
        os.replace(part, path)

    # Jobs.

    def add(self, files, request=None, folder=None, output=None, priority=0, paused=False, key=None):
        """Adds a job for each file. `key` tells the request from others: with the same one, nothing is added twice."""
        body = {
            "files": list(files),
            "request": request or {},
            "folder": folder,
            "output": output,
            "priority": priority,
            "paused": paused,
        }
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.ask("POST", "/jobs", body, headers)["items"]

    def jobs(self, state=None):
        """The jobs; of some states where they are named, as "queued,running"."""
        return list(self.all("/jobs", state=state))

    def job(self, number):
        """A job."""
        return self.ask("GET", f"/jobs/{number}")

    def act(self, number, what, **body):
        """Has a job paused, resumed, cancelled, tried again (`retry`) or copied (`duplicate`)."""
        return self.ask("POST", f"/jobs/{number}/{what}", body)

    def report(self, number):
        """The report of a job that is done."""
        return self.ask("GET", f"/jobs/{number}/report")

    def wait(self, number, told=None, every=0.5):
        """Waits until a job has ended, and gives it. `told` is called with it whenever it has changed."""
        seen = None
        while True:
            job = self.job(number)
            if told and job != seen:
                told(job)
            seen = job
            if job["state"] in ENDED:
                return job
            time.sleep(every)

    def events(self, last=None):
        """What happens, as it happens: pairs of a name and its data. Goes on after a lost connection; ends with the studio."""
        while True:
            headers = {"Last-Event-ID": last} if last else {}
            try:
                with self.open("GET", "/events", headers=headers) as answer:
                    name, data = None, []
                    for line in answer:
                        field, _, value = line.decode().rstrip("\n").partition(": ")
                        if field == "id":
                            last = value
                        elif field == "event":
                            name = value
                        elif field == "data":
                            data.append(value)
                        elif field == "" and name:
                            yield name, json.loads("\n".join(data))
                            if name == "bye":
                                return
                            name, data = None, []
            except OSError:
                time.sleep(1)

    # Tasks.

    def task(self, path, body, every=0.3):
        """Begins an analysis ("/analyses"), a measure, a comparison or a clip, waits for its end, and gives what it gave."""
        task = self.ask("POST", path, body)
        while task["state"] in ("queued", "running"):
            time.sleep(every)
            task = self.ask("GET", "/tasks/" + task["id"])
        if task["state"] != "done":
            error = task["error"] or {"status": 0, "title": task["words"], "detail": ""}
            raise Problem(error["status"], error["title"], error["detail"])
        return task["result"]
