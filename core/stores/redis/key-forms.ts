import { joinValues, splitValues } from '../../model/named-values.ts';
import { problem } from '../../model/problem.ts';
import type { KeyLayout } from '../layout.ts';
import type { Reply } from './redis-connection.ts';

/** A command of Redis with its arguments. */
type Command = readonly (string | Buffer)[];

/** How a record stands in a key: what is sent to read and write it. Scripts answer 1: done, 0: no such key, 2: changed. */
export interface KeyForm {
  read(key: string): Command;
  /** The record in what `read` was answered; undefined: no such key, or nothing of this form. */
  bytes(reply: Reply): Buffer | undefined;
  /** @throws ProblemError `layer-form` for bytes that this form cannot hold */
  replace(key: string, before: Buffer, after: Buffer): Command;
  remove(key: string, before: Buffer): Command;
  /** Makes the key unless it is there (then 0). `lifeMs`: its time to live; undefined: for ever. */
  create(key: string, bytes: Buffer, lifeMs: number | undefined): Command;
}

const script = (text: string, key: string, args: readonly (string | Buffer)[]): Command => [
  'EVAL',
  text,
  '1',
  key,
  ...args,
];

const REPLACE_TEXT = `
local now = redis.call('GET', KEYS[1])
if not now then return 0 end
if now ~= ARGV[1] then return 2 end
local ttl = redis.call('PTTL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2])
if ttl >= 0 then redis.call('PEXPIRE', KEYS[1], ttl) end
return 1`;
const REMOVE_TEXT = `
local now = redis.call('GET', KEYS[1])
if not now then return 0 end
if now ~= ARGV[1] then return 2 end
return redis.call('DEL', KEYS[1])`;
const CREATE_TEXT = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`;

const text: KeyForm = {
  read: (key) => ['GET', key],
  bytes: (reply) => (Buffer.isBuffer(reply) ? reply : undefined),
  replace: (key, before, after) => script(REPLACE_TEXT, key, [before, after]),
  remove: (key, before) => script(REMOVE_TEXT, key, [before]),
  create: (key, bytes, lifeMs) => script(CREATE_TEXT, key, [life(lifeMs), bytes]),
};

/** ARGV: the number of fields that are compared, these (name, value), then those that are set and the names that go. */
const REPLACE_HASH = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local at = 2
for i = 1, tonumber(ARGV[1]) do
  if redis.call('HGET', KEYS[1], ARGV[at]) ~= ARGV[at + 1] then return 2 end
  at = at + 2
end
local absent = tonumber(ARGV[at])
for i = 1, absent do
  if redis.call('HEXISTS', KEYS[1], ARGV[at + i]) == 1 then return 2 end
end
at = at + absent + 1
local sets = tonumber(ARGV[at])
for i = 1, sets do
  redis.call('HSET', KEYS[1], ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end
for i = at + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
return 1`;
const REMOVE_HASH = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HLEN', KEYS[1]) * 2 ~= #ARGV then return 2 end
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) ~= ARGV[i + 1] then return 2 end
end
return redis.call('DEL', KEYS[1])`;
const CREATE_HASH = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`;

const hash: KeyForm = {
  read: (key) => ['HGETALL', key],
  bytes(reply) {
    const fields = pairsOf(reply);
    if (fields.length === 0) return undefined;
    fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return Buffer.from(joinValues(fields.map(([name, bytes]) => ({ name, bytes }))));
  },
  replace(key, before, after) {
    const was = fieldsOf(before);
    const wanted = fieldsOf(after);
    const changed = [...was].filter(([name, bytes]) => wanted.get(name)?.equals(bytes) !== true);
    const added = [...wanted.keys()].filter((name) => !was.has(name));
    const set = [...wanted].filter(([name, bytes]) => was.get(name)?.equals(bytes) !== true);
    const gone = [...was.keys()].filter((name) => !wanted.has(name));
    return script(REPLACE_HASH, key, [
      String(changed.length),
      ...changed.flat(),
      String(added.length),
      ...added,
      String(set.length),
      ...set.flat(),
      ...gone,
    ]);
  },
  remove: (key, before) => script(REMOVE_HASH, key, [...fieldsOf(before)].flat()),
  create: (key, bytes, lifeMs) => script(CREATE_HASH, key, [life(lifeMs), ...[...fieldsOf(bytes)].flat()]),
};

/** The form of a layout's keys. JSON documents are read and written as text by servers that have them. */
export function keyForm(type: KeyLayout['type'] | undefined): KeyForm {
  return type === 'hash' ? hash : text;
}

function life(ms: number | undefined): string {
  return ms === undefined ? '' : String(ms);
}

/** The flat list of names and values that HGETALL gives. */
function pairsOf(reply: Reply): [string, Buffer][] {
  const flat = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
  const pairs: [string, Buffer][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const value = flat[at + 1];
    if (Buffer.isBuffer(value)) pairs.push([String(flat[at]), value]);
  }
  return pairs;
}

function fieldsOf(bytes: Uint8Array): Map<string, Buffer> {
  const values = splitValues(bytes);
  if (typeof values !== 'number') return new Map(values.map((one) => [one.name, Buffer.from(one.bytes)]));
  throw problem('layer-form', 'A session here consists of fields with their names, and these bytes do not', {
    remedy: 'Change a value of the session instead of its bytes',
    at: values,
  });
}
