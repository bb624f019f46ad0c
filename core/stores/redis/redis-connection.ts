import { createClient, RESP_TYPES } from '@redis/client';
import { ProblemError, problem } from '../../model/problem.ts';
import type { RedisAddress } from '../address.ts';
import { maskStoreUrl, withoutSecret } from '../url-text.ts';

type Client = ReturnType<typeof makeClient>;
/** What the server answers; texts come as bytes. */
export type Reply = Buffer | number | null | readonly Reply[];

const CONNECT_MS = 8_000;

/**
 * A connection to a Redis server. Commands are sent as they are, values are bytes. A lost connection is made again at the
 * next command. Failures are ProblemErrors.
 */
export class RedisConnection {
  /** The place for messages: an address without password. */
  readonly where: string;
  readonly #address: RedisAddress;
  #client: Promise<Client> | undefined;
  /** The server keeps its counters of use while this connection reads (`CLIENT NO-TOUCH`, from 7.2). */
  noTouch = false;

  constructor(address: RedisAddress) {
    this.#address = address;
    const { socket, host, port, database } = address;
    this.where = maskStoreUrl(`redis://${socket ?? `${host}:${port}`}/${database}`);
  }

  async run(...args: readonly (string | Buffer)[]): Promise<Reply> {
    try {
      const client = await (this.#client ??= this.#connect());
      return await send(client, args);
    } catch (error) {
      throw this.#problem(error);
    }
  }

  /** Several commands in one trip; an error of one of them stands in its place. */
  async all(commands: readonly (readonly (string | Buffer)[])[]): Promise<(Reply | Error)[]> {
    try {
      const client = await (this.#client ??= this.#connect());
      const replies = await Promise.allSettled(commands.map((args) => send(client, args)));
      return replies.map((reply) => (reply.status === 'fulfilled' ? reply.value : this.#problem(reply.reason)));
    } catch (error) {
      throw this.#problem(error);
    }
  }

  /** Events of keys that match; the result ends it. */
  async subscribe(pattern: string, onEvent: (channel: string) => void): Promise<() => void> {
    const client = await (this.#client ??= this.#connect());
    const own = client.duplicate();
    own.on('error', () => {});
    await own.connect();
    await own.pSubscribe(pattern, (_, channel) => onEvent(channel));
    return () => own.destroy();
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    if (client?.isOpen === true) client.destroy();
  }

  async #connect(): Promise<Client> {
    const client = makeClient(this.#address);
    client.on('error', () => {});
    // The next command makes a new connection.
    client.on('end', () => (this.#client = undefined));
    try {
      await client.connect();
      await this.#refuseOthers(client);
      this.noTouch = await send(client, ['CLIENT', 'NO-TOUCH', 'ON']).then(
        () => true,
        () => false,
      );
      return client;
    } catch (error) {
      this.#client = undefined;
      if (client.isOpen) client.destroy();
      throw error;
    }
  }

  /** @throws ProblemError for a server of a cluster or a sentinel */
  async #refuseOthers(client: Client): Promise<void> {
    const info = await send(client, ['INFO', 'server']).catch(() => null);
    const mode = /redis_mode:(\w+)/.exec(String(info ?? ''))?.[1];
    if (mode !== 'cluster' && mode !== 'sentinel') return;
    throw problem(
      'store-refused',
      `${this.where} is a ${mode === 'cluster' ? 'node of a Redis cluster' : 'Redis sentinel'}`,
      {
        remedy: mode === 'cluster' ? 'Clusters are not supported' : 'Give the address of the server that it watches',
        where: this.where,
      },
    );
  }

  #problem(error: unknown): Error {
    if (error instanceof ProblemError) return error;
    if (!(error instanceof Error)) return new Error(String(error));
    const inner = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined;
    const said = withoutSecret(inner?.message ?? error.message, this.#address);
    const where = this.where;
    const code =
      'code' in error ? String(error.code) : inner !== undefined && 'code' in inner ? String(inner.code) : '';
    if (/^(WRONGPASS|NOAUTH|ERR AUTH|ERR Client sent AUTH)/.test(said)) {
      return problem('store-refused', `${where} refuses this login: ${said}`, {
        remedy: 'Check user and password (in the URL: redis://user:password@host)',
        where,
      });
    }
    if (/^NOPERM/.test(said)) {
      return problem('store-read-only', `${where} does not allow this: ${said}`, {
        remedy: 'The user needs the commands SCAN, GET, SET, PTTL, PEXPIREAT, DEL, TYPE and EVAL on these keys',
        where,
      });
    }
    if (/^(READONLY|MASTERDOWN)/.test(said)) {
      return problem('store-read-only', `${where} can only be read: ${said}`, {
        remedy: 'Attach the primary server',
        where,
      });
    }
    if (/^(OOM|MISCONF)/.test(said)) return problem('store-full', `${where}: ${said}`, { where });
    if (/^(LOADING|BUSY)/.test(said)) {
      return problem('store-busy', `${where}: ${said}`, { remedy: 'Try again in a moment', where });
    }
    if (
      ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EACCES'].includes(code) ||
      /timeout/i.test(said)
    ) {
      return problem('store-unreachable', `No Redis server answers at ${where}`, {
        remedy: 'Start it, and check host and port; behind a firewall use an SSH tunnel',
        where,
        cause: error,
      });
    }
    if (/closed|offline|reset|socket/i.test(said) || code === 'ECONNRESET') {
      return problem('store-gone', `The server at ${where} has ended the connection`, {
        remedy: 'Try again in a moment. A new connection is made by itself',
        where,
        cause: error,
      });
    }
    return problem('store-refused', `${where}: ${said}`, { where, cause: error });
  }
}

function makeClient({ host, port, socket, user, password, database, ssl }: RedisAddress) {
  const tls = ssl === undefined ? {} : { tls: true as const, rejectUnauthorized: ssl !== 'require' };
  return createClient({
    // Replies as documented for every command: version 3 of the protocol makes objects of some, named by foreign text.
    RESP: 2,
    socket:
      socket === undefined
        ? { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false, ...tls }
        : { path: socket, connectTimeout: CONNECT_MS, reconnectStrategy: false },
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
  });
}

async function send(client: Client, args: readonly (string | Buffer)[]): Promise<Reply> {
  const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
  return (await client.sendCommand([...args], { typeMapping })) as Reply;
}
