#!/usr/bin/env python3
"""How much listeners slow a render in the studio down.

A clip is rendered alone, and again while 200 programs listen to the events and ask for the status every five seconds. What the
listeners themselves cost is the processor time of this program: its share of the machine is taken out of the comparison.

    studio-load.py PROGRAM [LISTENERS]
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SECONDS = 150
EVERY = 5


def ask(base, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(base + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def listen(port, number, stop, heard):
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    stream.settimeout(0.5)
    # Not all at the same moment.
    due = time.monotonic() + EVERY * number / 200
    while not stop.is_set():
        try:
            heard[number] += stream.recv(65536).count(b"event: ")
        except TimeoutError:
            pass
        if time.monotonic() >= due:
            ask(f"http://127.0.0.1:{port}/api/v1", "GET", "/status")
            due += EVERY
    stream.close()


def own_time():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def render(base, stop_after=None):
    """Renders the clip; frames a second of wall time, and the seconds."""
    body = {"files": ["films/clip.mp4"], "request": {"style": "pencil", "device": "cpu", "existing": "replace"}}
    number = ask(base, "POST", "/jobs", body)["items"][0]["id"]
    began = None
    while True:
        job = ask(base, "GET", f"/jobs/{number}")
        if job["progress"] and job["progress"]["frame"] and began is None:
            began = (time.monotonic(), job["progress"]["frame"])
        if job["state"] in ("done", "failed", "cancelled"):
            assert job["state"] == "done", job
            seconds = time.monotonic() - began[0]
            frames = ask(base, "GET", f"/jobs/{number}/report")["frames_out"] - began[1]
            return frames / seconds, seconds
        time.sleep(0.5)


def main():
    program = os.path.abspath(sys.argv[1])
    listeners = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder:
        films = os.path.join(folder, "films")
        os.mkdir(films)
        source = f"testsrc2=size=1280x720:rate=25:duration={SECONDS}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"]
        subprocess.run([*command, os.path.join(films, "clip.mp4")], check=True)
        serve = [program, "serve", films, "--port", "0", "--data", os.path.join(folder, "data")]
        studio = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        try:
            base = studio.stdout.readline().strip() + "api/v1"
            port = int(base.split(":")[2].split("/")[0])
            alone, _ = render(base)
            stop, heard = threading.Event(), [0] * listeners
            threads = [threading.Thread(target=listen, args=(port, number, stop, heard)) for number in range(listeners)]
            for thread in threads:
                thread.start()
            before = own_time()
            busy, seconds = render(base)
            share = (own_time() - before) / seconds / os.cpu_count()
            stop.set()
            for thread in threads:
                thread.join()
        finally:
            studio.terminate()
            studio.wait()
    told = busy / (1 - share)
    print(f"alone {alone:.1f} frames a second; with {listeners} listeners {busy:.1f} in {seconds:.0f} s, of which the listeners took "
          f"{share:.1%} of the processor: {told:.1f}, {told / alone:.1%} of the speed alone; {min(heard)} to {max(heard)} events heard")
    if told < 0.95 * alone or min(heard) < seconds:
        sys.exit("error: listeners slow the render down by more than 5 %, or did not hear it")


if __name__ == "__main__":
    main()
