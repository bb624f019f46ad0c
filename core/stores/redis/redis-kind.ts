import { parseUrl } from '../../model/web-address.ts';
import type { RedisAddress } from '../address.ts';
import { Parameters } from '../parameters.ts';
import type { StoreKind } from '../store-kind.ts';
import { badUrl, decodeText } from '../url-text.ts';

const FORM = 'redis://user:password@host:6379/0?prefix=sess:';

/** Redis and what speaks its protocol (Valkey, KeyDB, Dragonfly). */
export const redisKind: StoreKind<RedisAddress> = {
  kinds: ['redis'],
  schemes: ['redis', 'rediss', 'redis+unix', 'unix+redis', 'redis-socket', 'valkey', 'valkeys'],
  form: FORM,
  parse,
  format,
  title: ({ host, port, socket, database, prefix }, layout) =>
    `${layout ?? 'Redis'} ${socket ?? `${host}:${port}`}/${database}${prefix === undefined ? '' : ` · ${prefix}`}`,
  async open(address, context) {
    const { openRedisStore } = await import('./redis-record-store.ts');
    return openRedisStore(address, format(address), context);
  },
};

function parse(url: string, scheme: string): RedisAddress {
  const isSocket = /unix|socket/.test(scheme);
  const parts = /^[^:]+:\/\/(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw badUrl(url, 'host, port or login cannot be read', `Write ${FORM}`);
  const [, login, place = '', rest = '', query = ''] = parts;
  const parameters = new Parameters(new URLSearchParams(query), url, {
    prefix: ['keyPrefix'],
    as: ['layout'],
    db: ['database', 'virtual_host'],
    user: ['username'],
    password: ['pw', 'auth'],
    ssl: ['tls', 'ssl_cert_reqs'],
    ignored: ['timeout', 'protocol', 'health_check_interval', 'socket_timeout', 'decode_responses', 'family'],
  });
  const colon = login?.indexOf(':') ?? -1;
  const user = decodeText((colon < 0 ? login : login?.slice(0, colon)) ?? '') || parameters.get('user');
  const password = (colon < 0 ? undefined : decodeText(login?.slice(colon + 1) ?? '')) || parameters.get('password');
  const database = Number(parameters.get('db') ?? ((isSocket ? '' : rest.replace(/^\//, '')) || 0));
  if (!Number.isInteger(database) || database < 0) {
    throw badUrl(url, 'the database is a number', `Write ${FORM}`);
  }
  const [prefix, as, ssl] = [parameters.get('prefix'), parameters.get('as'), parameters.get('ssl')];
  const common = {
    kind: 'redis',
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    database,
    ...(prefix === undefined ? {} : { prefix }),
    ...(as === undefined ? {} : { as }),
  } as const;
  if (isSocket) {
    const socket = decodeText(place + rest);
    if (!socket.startsWith('/'))
      throw badUrl(url, 'the path of the socket is missing', 'Write redis+unix:///PATH?db=0');
    return { ...common, host: 'localhost', port: 6379, socket };
  }
  const parsed = parseUrl(`http://${place === '' ? 'localhost' : place}/`);
  if (parsed === undefined) throw badUrl(url, 'host or port cannot be read', `Write ${FORM}`);
  const encrypted = scheme === 'rediss' || scheme === 'valkeys';
  const checks = ssl !== undefined && /^(none|false|0|require)$/i.test(ssl) ? 'require' : 'verify';
  return {
    ...common,
    host: decodeText(parsed.hostname.replace(/^\[|\]$/g, '')),
    port: Number(parsed.port) || (/:80$/.test(place) ? 80 : 6379),
    ...(encrypted || ssl !== undefined ? { ssl: checks } : {}),
  };
}

function format(address: RedisAddress): string {
  const { user, password, socket, prefix, as, ssl, database } = address;
  const login =
    user === undefined && password === undefined
      ? ''
      : `${encodeURIComponent(user ?? '')}:${encodeURIComponent(password ?? '')}@`;
  const query = new URLSearchParams();
  if (socket !== undefined) query.set('db', String(database));
  if (prefix !== undefined) query.set('prefix', prefix);
  if (as !== undefined) query.set('as', as);
  if (ssl === 'require') query.set('ssl', 'none');
  const text = query.toString() === '' ? '' : `?${query.toString()}`;
  if (socket !== undefined) return `redis+unix://${login}${socket.split('/').map(encodeURIComponent).join('/')}${text}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `redis${ssl === undefined ? '' : 's'}://${login}${host}:${address.port}/${database}${text}`;
}
