"""Receives OTLP logs over HTTP, parses them with the official messages, and appends each record as a line of JSON."""

import http.server
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

port, path = int(sys.argv[1]), sys.argv[2]


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        try:
            if self.path != "/v1/logs" or self.headers["Content-Type"] != "application/json":
                raise ValueError(f"{self.path}: {self.headers['Content-Type']}")
            # Unknown fields and wrong types are errors.
            request = json_format.Parse(body, logs_service_pb2.ExportLogsServiceRequest())
            append(request)
        except (ValueError, json_format.ParseError) as error:
            print(error, file=sys.stderr, flush=True)
            status = 400
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


def append(request):
    with open(path, "a", encoding="utf-8") as file:
        for resource in request.resource_logs:
            attributes = values(resource.resource.attributes)
            for record in resource.scope_logs[0].log_records:
                line = {
                    "event": record.event_name,
                    "severity": record.severity_number,
                    "nanoseconds": record.time_unix_nano,
                    "body": record.body.string_value,
                    "host": attributes["host.name"],
                    "service": attributes["service.name"],
                    **values(record.attributes),
                }
                print(json.dumps(line), file=file)


def values(attributes):
    return {attribute.key: value(attribute.value) for attribute in attributes}


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    return getattr(any_value, kind)


http.server.HTTPServer(("127.0.0.1", port), Collector).serve_forever()
