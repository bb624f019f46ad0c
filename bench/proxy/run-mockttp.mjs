// mockttp as a plain passing proxy with header events, from a folder given by PEERS: the same work as ours.
import { createRequire } from 'node:module';
import path from 'node:path';

const mockttp = createRequire(path.join(process.env.PEERS, 'x.js'))('mockttp');
const server = mockttp.getLocal({ https: await mockttp.generateCACertificate(), recordTraffic: false, http2: true });
await server.forUnmatchedRequest().thenPassThrough();
await server.forAnyWebSocket().thenPassThrough();
await server.start(Number(process.env.PORT));
const ring = new Array(5000);
let next = 0;
const pending = new Map();
await server.on('request-initiated', (request) => {
  pending.set(request.id, { url: request.url, method: request.method, cookie: request.headers.cookie });
  if (pending.size > 2000) pending.delete(pending.keys().next().value);
});
await server.on('response-initiated', (response) => {
  const record = pending.get(response.id) ?? {};
  pending.delete(response.id);
  const setCookie = response.rawHeaders
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .map(([, value]) => value);
  ring[next++ % ring.length] = { ...record, status: response.statusCode, setCookie, headers: response.rawHeaders };
});
