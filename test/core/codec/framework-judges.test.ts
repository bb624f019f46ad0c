import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { strNode } from '../../../core/codec/nodes.ts';
import { fromPlainJson, toPlain } from '../../../core/codec/typed.ts';
import { applyEditsFully, type DecodeOptions, decode, encodeNew } from '../../../core/frameworks/codec.ts';
import type { PathStep } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { type Need, needs } from '../../support/needs.ts';
import { seeded } from '../../support/random-typed.ts';

/** Values of each format; more by `SESSIONSCOPE_JUDGE_VALUES=200 vitest run test/core/codec/framework-judges.test.ts`. */
const VALUES = Number(process.env['SESSIONSCOPE_JUDGE_VALUES'] ?? 20);
const SEED = Number(process.env['SESSIONSCOPE_JUDGE_SEED'] ?? 20_261_201);
const FOLDER = path.join(import.meta.dirname, 'judges');
const KEY = 'judge-key-0123456789abcdef0123456789abcdef';
const SECRETS = [KEY];
const SEAL_KEY = [`base64:${Buffer.from(KEY.slice(0, 32)).toString('base64')}`];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

interface Written {
  readonly raw: string;
  readonly companions?: Readonly<Record<string, string>>;
}

interface Format {
  readonly secrets?: readonly string[];
  readonly name?: string;
  /** Where the application's data stands, when the format has members of its own beside it. */
  readonly at?: string;
  /** Members that the framework adds at the top. */
  readonly own?: readonly string[];
  readonly as?: readonly string[];
  /** Equal keys are one object in its bytes; a place under such a key is not edited, so only values without are used. */
  readonly linksKeys?: true;
  /** The layers that write a value without an original. */
  readonly make?: readonly string[];
}

interface Judge {
  readonly needs: readonly Need[];
  readonly command: readonly string[];
  readonly formats: Readonly<Record<string, Format>>;
}

const signed: Format = { secrets: SECRETS, name: 'session' };
const rails: Format = { secrets: SECRETS, name: '_demo_session' };
const beaker: Format = {
  secrets: [KEY, KEY.split('').reverse().join('')],
  name: 'beaker.session.id',
  own: ['_id', '_accessed_time', '_creation_time', '_expires', '_domain', '_path'],
};

const JUDGES: Readonly<Record<string, Judge>> = {
  python: {
    needs: ['python-frameworks'],
    command: ['/usr/bin/python3', 'judge.py'],
    formats: {
      flask: signed,
      itsdangerous: signed,
      django: signed,
      'django-pickle': signed,
      'django-row': { secrets: SECRETS },
      starlette: signed,
      pyramid: signed,
      bottle: signed,
      tornado: signed,
      'aiohttp-session': { secrets: [Buffer.from(KEY.slice(0, 32)).toString('base64url').concat('=')], at: 'session' },
      'beaker-json': beaker,
      'beaker-pickle': beaker,
      'beaker-json-encrypted': beaker,
    },
  },
  php: {
    needs: ['php'],
    command: ['php', 'judge.php'],
    formats: {
      php: { make: ['php-session'] },
      php_binary: { make: ['php-binary'] },
      php_serialize: { make: ['php-serialize'] },
      serialize: { make: ['php-serialize'] },
    },
  },
  ruby: {
    needs: ['rails'],
    command: ['ruby', 'judge.rb'],
    formats: {
      'rails-json': rails,
      'rails-marshal': { ...rails, linksKeys: true },
      'rails-cbc-json': rails,
      'rails-signed-json': rails,
      'rails-signed-marshal': { ...rails, linksKeys: true },
      'rack-marshal': { secrets: SECRETS, name: 'rack.session', own: ['session_id'], linksKeys: true },
      'rack-json': { secrets: SECRETS, name: 'rack.session', own: ['session_id'] },
      'rack-zipjson': { secrets: SECRETS, name: 'rack.session', own: ['session_id'] },
      marshal: { make: ['marshal'], linksKeys: true },
    },
  },
  npm: {
    needs: [],
    command: [process.execPath, 'judge.mjs'],
    formats: {
      'cookie-session': signed,
      'koa-session': { secrets: SECRETS, name: 'koa.sess', own: ['_expire', '_maxAge'] },
      'iron-session': signed,
      'fastify-secure-session': { secrets: SEAL_KEY, name: 'session', own: ['__ts'] },
      authjs: { secrets: SECRETS, name: 'authjs.session-token', own: ['iat', 'exp', 'jti'] },
      'jose-HS256': signed,
      'jose-dir-A256GCM': { secrets: SEAL_KEY },
      'client-sessions': { secrets: SECRETS, name: 'cs' },
      'express-signed-json': signed,
    },
  },
};

/** Random session data that JSON can say, so that every language has it. */
class RandomJson {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  object(depth: number, least = 0): JsonObject {
    const made: JsonObject = {};
    for (let left = least + this.below(5); left > 0; left--) made[this.#key()] = this.value(depth - 1);
    return made;
  }

  /** A session: some frameworks drop empty members at the top, or those named like a method of their own. */
  session(): JsonObject {
    const made: JsonObject = {};
    for (const [key, value] of Object.entries(this.object(4, 1)))
      made[key === 'constructor' ? 'count' : key] = value ?? 0;
    return made;
  }

  value(depth: number): Json {
    if (depth > 0 && this.below(2) === 0) {
      return this.below(2) === 0
        ? this.object(depth)
        : Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    }
    switch (this.below(8)) {
      case 0:
        return null;
      case 1:
        return this.below(2) === 0;
      case 2:
        return this.below(100_000) - 50_000;
      case 3:
        return [2 ** 31, -(2 ** 31), 2 ** 53 - 1, 1 - 2 ** 53, 0, 255, 256, 65_536, -129, 123, -124][
          this.below(11)
        ] as Json;
      case 4:
        return [0.1, -2.25, 1e300, 1e-7, 123_456.789, 5e-324][this.below(6)] as Json;
      case 5:
        return 'long text '.repeat(this.below(60));
      default:
        return this.#text();
    }
  }

  /** A place in the value, the root left out. */
  place(value: JsonObject): (string | number)[] {
    const found: (string | number)[] = [];
    let at: Json = value;
    while (typeof at === 'object' && at !== null && (found.length === 0 || this.below(3) > 0)) {
      const keys: (string | number)[] = Array.isArray(at) ? [...at.keys()] : Object.keys(at);
      if (keys.length === 0) break;
      const key = keys[this.below(keys.length)] as string | number;
      found.push(key);
      at = (at as { [key: string]: Json })[key] as Json;
    }
    return found;
  }

  #key(): string {
    return ['user', 'cart', 'a b', '\u4f60\u597d', 'n\u00e9', ' t', ' d', 'x"y', "it's", 'constructor', 'k<&>'][
      this.below(11)
    ] as string;
  }

  #text(): string {
    const letters = [
      'a',
      'Z',
      '0',
      ' ',
      '\n',
      '"',
      '\\',
      "'",
      ';',
      ':',
      '}',
      '<',
      '&',
      '%',
      '+',
      '\u00e9',
      '\u4f60',
      '\u{1f600}',
      '\u2028',
      '\u007f',
      '\u0000',
    ];
    return Array.from({ length: this.below(10) }, () => letters[this.below(letters.length)]).join('');
  }
}

function run<T>({ command }: Judge, question: unknown): T {
  const [program = '', script = ''] = command;
  const ended = spawnSync(program, [path.join(FOLDER, script)], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (ended.status !== 0) throw new Error(`${program} ended with ${ended.status}: ${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
}

/** PHP has one empty array, and the members that a framework adds say nothing of the data. */
function normal(value: unknown, own: readonly string[] = [], top = true): unknown {
  if (Array.isArray(value)) return value.map((one) => normal(one, own, false));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !top || !own.includes(key));
  if (entries.length === 0) return [];
  return Object.fromEntries(entries.map(([key, one]) => [key, normal(one, own, false)]));
}

function memberOf(value: TypedNode | null, { at }: Format): unknown {
  if (value === null) return undefined;
  const plain = toPlain(value) as Record<string, unknown>;
  return at === undefined ? plain : plain[at];
}

function changed(value: JsonObject, place: readonly (string | number)[], to: Json): JsonObject {
  const copy = structuredClone(value);
  let at: Json = copy;
  for (const step of place.slice(0, -1)) at = (at as JsonObject)[step] as Json;
  (at as JsonObject)[place.at(-1) as string] = to;
  return copy;
}

describeJudges();

function describeJudges(): void {
  for (const [name, judge] of Object.entries(JUDGES)) {
    needs(...judge.needs)(`${name} as the judge`, () => {
      const values: JsonObject[] = [];
      const wanted = new Map<string, JsonObject[]>();
      const problems = new Map<string, string[]>();
      let back: Record<string, { value?: unknown; error?: string }[]> = {};
      let made: Record<string, { value?: unknown; error?: string }[]> = {};

      beforeAll(() => {
        const random = new RandomJson(SEED);
        while (values.length < VALUES) values.push(random.session());
        const written = run<Record<string, Written[]>>(judge, { write: values });
        const edited: Record<string, Written[]> = {};
        const fresh: Record<string, Written[]> = {};
        for (const [format, settings] of Object.entries(judge.formats)) {
          const wrong: string[] = [];
          problems.set(format, wrong);
          const expected: JsonObject[] = [];
          wanted.set(format, expected);
          edited[format] = [];
          for (const [i, value] of values.entries()) {
            if (settings.linksKeys && repeatsKeys(value)) continue;
            const place = random.place(value);
            const to = random.value(2);
            const after = changed(value, place, to);
            const result = editOne(written[format]?.[i] as Written, value, place, to, settings);
            if (typeof result === 'string') wrong.push(`value ${i}: ${result}`);
            else {
              edited[format].push(result);
              expected.push(after);
            }
          }
          const { make } = settings;
          if (make === undefined) continue;
          fresh[format] = values.map((value) => ({
            raw: Buffer.from(encodeNew(fromPlainJson(value), make)).toString('base64'),
          }));
        }
        back = run(judge, { read: edited });
        if (Object.keys(fresh).length > 0) made = run(judge, { read: fresh });
      });

      it.each(Object.entries(judge.formats))(
        '%s: what it wrote is read and edited here; it reads the edit',
        (format, { own }) => {
          expect(problems.get(format)).toEqual([]);
          const answers = back[format] ?? [];
          expect(answers.map(({ error }) => error).filter((error) => error !== undefined)).toEqual([]);
          expect(answers.map(({ value }) => normal(value, own))).toEqual(wanted.get(format)?.map((one) => normal(one)));
          expect(answers.length).toBeGreaterThan(VALUES / 4);
        },
      );

      const makers = Object.entries(judge.formats).filter(([, { make }]) => make !== undefined);
      if (makers.length === 0) return;
      it.each(makers)('%s: what is written here it reads', (format, { own }) => {
        expect(made[format]?.map(({ value, error }) => error ?? normal(value, own))).toEqual(
          values.map((one) => normal(one)),
        );
      });
    });
  }
}

/** Reads one value of the framework and edits it; what is wrong with that as text. */
function editOne(
  { raw, companions = {} }: Written,
  value: JsonObject,
  place: readonly (string | number)[],
  to: Json,
  settings: Format,
): Written | string {
  const bytes = new Uint8Array(Buffer.from(raw, 'base64'));
  const { secrets = [], name, at, own, as } = settings;
  const options: DecodeOptions = { secrets, companions, ...(name !== undefined && { name }), ...(as && { as }) };
  const told = `${JSON.stringify(value)} at ${JSON.stringify(place)} to ${JSON.stringify(to)}, from ${Buffer.from(bytes).toString('latin1')}`;
  const found = decode(bytes, options);
  if (found.error !== undefined) return `${found.layers.join(' > ')}: ${JSON.stringify(found.error)} ${told}`;
  if (secrets.length > 0 && found.signature?.state !== 'valid') return `signature ${found.signature?.state} ${told}`;
  const seen = JSON.stringify(sorted(normal(memberOf(found.value, settings), own)));
  if (seen !== JSON.stringify(sorted(normal(value)))) return `read as ${seen} by ${found.layers.join(' > ')}: ${told}`;
  const steps = [...(at === undefined ? [] : [at]), ...place].map(
    (step): PathStep =>
      typeof step === 'number' ? { kind: 'index', index: step } : { kind: 'key', key: strNode(step) },
  );
  try {
    const made = applyEditsFully(bytes, [{ op: 'set', path: steps, value: fromPlainJson(to) }], options);
    const changes = Object.fromEntries(
      Object.entries(made.companions).filter((one): one is [string, string] => one[1] !== null),
    );
    return { raw: Buffer.from(made.bytes).toString('base64'), companions: { ...companions, ...changes } };
  } catch (error) {
    return `edit: ${String(error)} ${told}`;
  }
}

function repeatsKeys(value: Json, seen = new Set<string>()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((one) => repeatsKeys(one, seen));
  return Object.entries(value).some(([key, one]) => {
    if (seen.has(key)) return true;
    seen.add(key);
    return repeatsKeys(one, seen);
  });
}

/** Objects with their keys in one order: a framework may sort them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
