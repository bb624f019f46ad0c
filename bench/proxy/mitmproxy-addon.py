# The work every measured proxy does: cookies of each exchange in a bounded ring. STREAM=1 streams bodies.
import collections
import os

STREAM = os.environ.get("STREAM") == "1"
ring = collections.deque(maxlen=5000)


class CookieWork:
    def requestheaders(self, flow):
        flow.request.stream = STREAM

    def responseheaders(self, flow):
        flow.response.stream = STREAM
        ring.append((
            flow.request.url,
            flow.request.headers.get("cookie"),
            flow.response.headers.get_all("set-cookie"),
            flow.response.status_code,
            flow.response.headers.fields,
        ))


addons = [CookieWork()]
