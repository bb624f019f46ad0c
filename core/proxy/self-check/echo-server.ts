import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Marks the check's requests that came through the proxy. */
export const THROUGH_HEADER = 'x-sessionscope-check';

export interface EchoServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A small application on this computer that says who asked it: the address of the connection, and whether the request
 * came through the proxy, which alone knows the mark. Only the check page may read the answer.
 */
export async function startEcho(mark: string, pageOrigins: readonly string[]): Promise<EchoServer> {
  const servers: Server[] = [];
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    const { origin } = request.headers;
    const body = JSON.stringify({
      address: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      through: request.headers[THROUGH_HEADER] === mark,
    });
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      // A page that was not loaded from this computer's network needs these to ask a local address.
      'Access-Control-Allow-Private-Network': 'true',
      'Access-Control-Allow-Methods': 'GET',
      Vary: 'Origin',
      ...(origin !== undefined && pageOrigins.includes(origin) ? { 'Access-Control-Allow-Origin': origin } : {}),
    });
    response.end(request.method === 'OPTIONS' ? '' : body);
  };
  const first = await listen(answer, '127.0.0.1', 0);
  servers.push(first);
  const { port } = first.address() as AddressInfo;
  // A browser that goes past the proxy may look up localhost as ::1 first; not every machine has it.
  await listen(answer, '::1', port).then(
    (second) => servers.push(second),
    () => undefined,
  );
  return {
    port,
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

function listen(answer: Parameters<typeof createServer>[1], host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(answer);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
