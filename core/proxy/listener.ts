import { createServer, type Server, type Socket } from 'node:net';
import { problem } from '../model/problem.ts';
import { acceptDirectly } from './direct-reads.ts';
import { OwnAddresses } from './own-addresses.ts';
import { PortPassword } from './port-password.ts';
import { hostPort } from './target.ts';

export interface ListenAsk {
  readonly host: string;
  /** Preferred port; a free one is taken when it is in use or not allowed. 0: any. */
  readonly port: number;
  /** What each client must show. */
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
  /** Who alone uses this port, where that is known: its requests bear the name. */
  readonly identity?: string | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** One port that clients connect to, with the connections that came by it. */
export class Listener {
  readonly host: string;
  readonly port: number;
  readonly preferredPortTaken: boolean;
  /** What requests must show; undefined: nothing. */
  readonly password: PortPassword | undefined;
  readonly identity: string | undefined;
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #own: OwnAddresses;

  private constructor(server: Server, { host, auth, clock, identity }: ListenAsk, preferredPortTaken: boolean) {
    const address = server.address() as { address: string; port: number };
    this.#server = server;
    this.host = host;
    this.port = address.port;
    this.identity = identity;
    this.preferredPortTaken = preferredPortTaken;
    this.password = auth && new PortPassword(auth, clock);
    this.#own = new OwnAddresses(address.address, address.port);
  }

  /**
   * Listens; connections wait until `accept` is called.
   * @throws ProblemError `port-refused` when not even a free port can be had
   */
  static async open(ask: ListenAsk): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    return new Listener(server, ask, await listen(server, ask.host, ask.port));
  }

  /** Gives each connection away; `failed` hears what goes wrong with the port itself. */
  accept(connected: (socket: Socket) => void, failed: (error: Error) => void): void {
    acceptDirectly(this.#server, connected);
    this.#server.on('error', failed);
  }

  get address(): string {
    return hostPort(this.host, this.port);
  }

  /** Whether an address and port lead here. */
  isSelf(address: string | undefined, port: number | undefined): boolean {
    return this.#own.has(address, port);
  }

  closeConnections(): void {
    for (const socket of [...this.sockets]) socket.destroy();
  }

  onClose(listener: () => void): void {
    this.#server.on('close', listener);
  }

  /** Resolves when the port is free and every connection of it is gone. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const gone = [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    this.closeConnections();
    await Promise.all([closed, ...gone]);
  }
}

/** Listens on the preferred port or, when that is taken or not allowed, on a free one. @returns whether it was taken */
async function listen(server: Server, host: string, port: number): Promise<boolean> {
  const attempt = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: on, backlog: 4096 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await attempt(port);
    return false;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (port === 0 || (code !== 'EADDRINUSE' && code !== 'EACCES')) {
      throw problem('port-refused', `The proxy cannot listen on ${host}: ${message}`, {
        remedy: 'Choose an address that this computer has.',
        cause: error,
      });
    }
    await attempt(0);
    return true;
  }
}
