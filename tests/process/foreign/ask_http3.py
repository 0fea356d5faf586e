"""Asks a server over HTTP/3 with aioquic: a list of requests on one connection, all under way at once.

Arguments: host, port, file of the certificate to trust. Standard input: a JSON list of requests
{"method", "path", "headers": {..}, "body"}. Standard output: a JSON list of answers in their order.
"""

import asyncio
import json
import ssl
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StreamReset


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.http = H3Connection(self._quic)
        self.heard = {}
        self.waiting = {}

    def ask(self, request):
        stream = self._quic.get_next_available_stream_id()
        fields = [
            (b":method", request["method"].encode()),
            (b":scheme", b"https"),
            (b":authority", b"localhost"),
            (b":path", request["path"].encode()),
        ]
        fields += [(name.encode(), value.encode()) for name, value in request["headers"].items()]
        self.heard[stream] = {"status": None, "headers": {}, "body": b""}
        self.waiting[stream] = asyncio.get_running_loop().create_future()
        body = request["body"].encode()
        self.http.send_headers(stream, fields, end_stream=not body)
        if body:
            # In two pieces, and an empty one between them.
            half = len(body) // 2
            self.http.send_data(stream, body[:half], end_stream=False)
            self.http.send_data(stream, b"", end_stream=False)
            self.http.send_data(stream, body[half:], end_stream=True)
        self.transmit()
        return self.waiting[stream]

    def end(self, stream, **more):
        future = self.waiting.get(stream)
        if future is not None and not future.done():
            answer = self.heard[stream]
            future.set_result({**answer, "body": answer["body"].decode(), **more})

    def quic_event_received(self, event):
        if isinstance(event, StreamReset):
            self.end(event.stream_id, reset=event.error_code)
        if isinstance(event, ConnectionTerminated):
            for stream in self.waiting:
                self.end(stream, closed=event.error_code)
        for part in self.http.handle_event(event):
            if isinstance(part, HeadersReceived):
                fields = {name.decode(): value.decode() for name, value in part.headers}
                self.heard[part.stream_id]["status"] = int(fields.pop(":status"))
                self.heard[part.stream_id]["headers"] = fields
            if isinstance(part, DataReceived):
                self.heard[part.stream_id]["body"] += part.data
            if getattr(part, "stream_ended", False):
                self.end(part.stream_id)


async def main():
    host, port, trusted = sys.argv[1:4]
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN)
    configuration.server_name = "localhost"
    configuration.verify_mode = ssl.CERT_REQUIRED
    configuration.load_verify_locations(trusted)
    connecting = connect(host, int(port), configuration=configuration, create_protocol=Client)
    async with connecting as client:
        asked = [client.ask(request) for request in json.load(sys.stdin)]
        answers = await asyncio.wait_for(asyncio.gather(*asked), 20)
    json.dump(answers, sys.stdout)


asyncio.run(main())
