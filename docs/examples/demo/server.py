"""Serve the page to try for one partition of the sandbox: python docs/examples/demo/server.py alpha002_dev

The back end of an application (back_end.py), a page that uses it, and two things that only a demonstration has: it
rotates the signing key, and it makes requests that the CDN must refuse.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EXAMPLES = Path(__file__).resolve().parents[1]
ROOT = EXAMPLES.parents[1]
sys.path.insert(0, str(EXAMPLES))
from back_end import BackEnd

COOKIE_SECONDS = 1800
SHOWN_LINES = 200
REGION = "us-east-1"
FILES = {
    "/": ("text/html; charset=utf-8", EXAMPLES / "demo/index.html"),
    "/page.js": ("text/javascript", EXAMPLES / "demo/page.js"),
    "/style.css": ("text/css", EXAMPLES / "demo/style.css"),
    "/browser.js": ("text/javascript", EXAMPLES / "browser.js"),
}


class Rotation:
    """The playbook that rotates the key, at most one at a time."""

    def __init__(self, host):
        self._command = [
            "ansible-playbook",
            "-i",
            "inventories/sandbox",
            "playbooks/rotate_signing_key.yml",
            "-l",
            host,
        ]
        self.state = "idle"
        self.lines = []
        self._lock = threading.Lock()

    def start(self):
        with self._lock:
            if self.state != "running":
                self.state, self.lines = "running", []
                threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        process = subprocess.Popen(
            [*self._command, "--skip-tags", "verify"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout:
            self.lines = [*self.lines, line.rstrip()][-SHOWN_LINES:]
        self.state = "failed" if process.wait() else "done"


class Demo:
    """What the page asks for. ``edge`` is the port of the sandbox's CDN and S3."""

    def __init__(self, back_end, host, edge, ca_file):
        self.back_end = back_end
        self.tenant = f"demo-{uuid.uuid4().hex[:8]}"
        self.rotation = Rotation(host)
        self._edge = edge
        self._tls = ssl.create_default_context(cafile=ca_file)

    def session(self, _asked):
        return {"cdn": self.back_end.host, "seconds": COOKIE_SECONDS}

    def form(self, asked):
        return self.back_end.form(self.tenant, "a visitor", asked["type"])

    def rotate(self, _asked):
        self.rotation.start()
        return {}

    def rotation_state(self, _asked):
        secret = self.back_end.exports["ImageSigningKeySecretArn"]
        document = self.back_end.session.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        key = json.loads(document)["keyPairId"]
        return {"state": self.rotation.state, "lines": self.rotation.lines, "key": key}

    def refusal(self, asked):
        """The CDN's answer to a read with cookies of a kind that it must refuse."""
        signer, host = self.back_end.signer, self.back_end.host
        cookies = signer.cookies(host, self.tenant, 300)
        cookies = {
            "no cookies": lambda: {},
            "expired": lambda: signer.cookies(host, self.tenant, -60),
            "another tenant": lambda: signer.cookies(host, "another", 300),
            "unknown key": lambda: {**cookies, "CloudFront-Key-Pair-Id": "KUNKNOWN000000"},
            "changed policy": lambda: {
                **cookies,
                "CloudFront-Policy": signer.cookies(host, "another", 300)["CloudFront-Policy"],
            },
        }[asked["kind"]]()
        return self._read(f"/{self.tenant}/images/any.jpg", cookies)

    def _read(self, path, cookies):
        connection = http.client.HTTPSConnection(self.back_end.host, timeout=10)
        plain = socket.create_connection(("127.0.0.1", self._edge), timeout=10)
        connection.sock = self._tls.wrap_socket(plain, server_hostname=self.back_end.host)
        connection.request("GET", path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
        answer = connection.getresponse()
        code = re.search(rb"<Code>(\w+)", answer.read())
        connection.close()
        return {"status": answer.status, "code": code[1].decode() if code else ""}


def handler(demo):
    routes = {
        "/session": demo.session,
        "/form": demo.form,
        "/rotate": demo.rotate,
        "/rotation": demo.rotation_state,
        "/refusal": demo.refusal,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            media_type, file = FILES.get(self.path, ("", None))
            if file:
                self.reply(200, media_type, file.read_bytes())
            else:
                self.reply(404, "text/plain", b"Not found")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                found, status = routes[self.path](json.loads(body or b"{}")), 200
            except (KeyError, ValueError, TypeError) as error:
                found, status = {"error": f"Expected another request, found {type(error).__name__}: {error}"}, 400
            cookies = demo.back_end.set_cookies(demo.tenant, COOKIE_SECONDS) if self.path == "/session" else []
            headers = [("Set-Cookie", cookie) for cookie in cookies]
            self.reply(status, "application/json", json.dumps(found).encode(), headers)

        def reply(self, status, media_type, body, headers=()):
            self.send_response(status)
            for name, value in (("Content-Type", media_type), ("Content-Length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            """Keep the terminal for what the server says itself."""

    return Handler


def pin(host, port):
    """The SHA-256 of the public key that answers for a host, as Chromium takes it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True))
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def inventory(host):
    """The variables of a host of the sandbox's inventory that say which partition it is."""
    command = ["ansible-inventory", "-i", "inventories/sandbox", "--host", host]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", help="a host of inventories/sandbox, such as alpha002_dev")
    parser.add_argument("--endpoint", required=True, help="the sandbox's AWS API, such as http://127.0.0.1:4566")
    parser.add_argument("--edge", required=True, type=int, help="the port of the sandbox's CDN")
    parser.add_argument("--ca-file", required=True, help="the certificate authority of the sandbox")
    parser.add_argument("--secret", required=True, help="the secret access key of the sandbox's root users")
    options = parser.parse_args()

    variables = inventory(options.host)
    infrastructure, partition = variables["infrastructure"], variables["partition"]
    prefix, account = f"{infrastructure}-{partition}", variables["aws_account_id"]
    os.environ["AWS_ENDPOINT_URL"] = options.endpoint
    session = boto3.Session(account, options.secret, region_name=REGION)

    def client_session():
        role = f"arn:aws:iam::{account}:role/{prefix}-BucketClientRole"
        assumed = session.client("sts").assume_role(RoleArn=role, RoleSessionName="demo")["Credentials"]
        keys = (assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])
        return boto3.Session(*keys, region_name=REGION)

    application = f"{partition.lower()}.{infrastructure.lower()}.app.arda.cards"
    back_end = BackEnd(prefix, "arda.cards", session, client_session)
    demo = Demo(back_end, options.host, options.edge, options.ca_file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(demo))
    register(options.endpoint, {application: server.server_address[1]})
    signal.signal(signal.SIGTERM, lambda *_signal: threading.Thread(target=server.shutdown).start())
    print(instructions(application, demo.back_end, options), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        register(options.endpoint, {application: None})
    print("The page is no longer served.")


def register(endpoint, applications):
    """Let the sandbox answer for the host names of applications, by the ports that serve them."""
    urlopen(Request(f"{endpoint}/_sandbox/applications", json.dumps(applications).encode()), timeout=10).close()


def instructions(application, back_end, options):
    bucket = urlsplit(back_end.form("t", "a", "image/jpeg")["form"]["url"]).hostname
    hosts = (application, back_end.host, bucket)
    rules = ", ".join(f"MAP {host} 127.0.0.1:{options.edge}" for host in hosts)
    pins = ",".join(pin(host, options.edge) for host in hosts)
    command = f'--host-resolver-rules="{rules}" --ignore-certificate-errors-spki-list="{pins}" https://{application}/'
    return f"""
The page to try is https://{application}:{options.edge}/
Its host names are known to the sandbox only. Open it with Chromium or Chrome:

  chromium --user-data-dir="$(mktemp -d)" {command}

Another browser needs these names in /etc/hosts, and {options.ca_file} as an authority:

  127.0.0.1 {" ".join(hosts)}

Stop the page with Ctrl-C."""


if __name__ == "__main__":
    main()
