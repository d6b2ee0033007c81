"""AWS errors, each in the protocol of the service that answers it."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from .http import Response


def aws_error(service: str, code: str, message: str, status: int) -> Response:
    """An AWS error in the protocol of the service that answers it."""
    if service in ("acm", "cloudwatch", "kms", "logs", "secretsmanager", "ssm"):
        kind = code if "Exc" in code else f"{code}Exception"
        document = json.dumps({"__type": kind, "message": message})
        return Response(status, [(b"content-type", b"application/x-amz-json-1.1")], document.encode())
    inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        text = f"<Error>{inner}<RequestId>SANDBOX</RequestId></Error>"
    elif service == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>sandbox</RequestID></Response>"
    else:
        sender = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{sender}</Type>{inner}</Error><RequestId>sandbox</RequestId></ErrorResponse>"
        )
    return Response(status, [(b"content-type", b"text/xml")], f'<?xml version="1.0"?>\n{text}'.encode())
