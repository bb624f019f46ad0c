import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sameBytes, utf8 } from '../../../core/codec/bytes.ts';
import { applyEdits, type Decoded, decode, toData } from '../../../core/codec/codec.ts';
import { outline } from '../../../core/codec/outline.ts';
import { children, formatPath, parsePath } from '../../../core/codec/path.ts';
import { summarise, toNotation, typedEqual } from '../../../core/codec/typed.ts';
import type { Edit } from '../../../core/model/path.ts';
import { ProblemError } from '../../../core/model/problem.ts';

/** Runs of one test; a long run is `SESSIONSCOPE_FUZZ_RUNS=500000 vitest run test/core/codec/fuzz.test.ts`. */
const RUNS = Number(process.env['SESSIONSCOPE_FUZZ_RUNS'] ?? 6000);
const FIXTURES = new URL('../../fixtures/', import.meta.url);
const FOLDERS = [
  'disk/sessions',
  'disk/odd',
  'disk/py2',
  'malicious',
  'malicious/disk',
  'pickle/p0',
  'pickle/p2',
  'pickle/p4',
  'pickle/p5',
  'pickle/edge',
  'pickle/py2',
];
const STACKS = [
  ['base64', 'pickle'],
  ['pickle'],
  ['json'],
  ['base64', 'json'],
  ['percent', 'json'],
  ['zlib', 'pickle'],
  ['quotes', 'json'],
];

/** A small generator of numbers, so that a run can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}

/** Real files and cookie values of all kinds. */
function seeds(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const folder of FOLDERS) {
    const base = new URL(`webpy/${folder}/`, FIXTURES);
    for (const name of readdirSync(base)) {
      const file = new URL(encodeURIComponent(name), base);
      const { size } = statSync(file);
      if (statSync(file).isFile() && size < 3000) found.push(new Uint8Array(readFileSync(file)));
    }
  }
  for (const framework of readdirSync(new URL('formats/', FIXTURES))) {
    const file = new URL(`formats/${framework}/samples.json`, FIXTURES);
    if (!existsSync(file)) continue;
    for (const { raw, rawBase64 } of JSON.parse(readFileSync(file, 'utf8')).samples) {
      if (typeof raw === 'string') found.push(utf8(raw));
      else if (typeof rawBase64 === 'string') found.push(new Uint8Array(Buffer.from(rawBase64, 'base64')));
    }
  }
  return found;
}

function mutate(all: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  let bytes = (all[random(all.length)] as Uint8Array).slice();
  for (let changes = random(4); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const kind = random(4);
    if (kind === 0 && bytes.length > 0) bytes[at % bytes.length] = random(256);
    else if (kind === 1) bytes = bytes.slice(0, at);
    else if (kind === 2) bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + random(10))]);
    else {
      const other = all[random(all.length)] as Uint8Array;
      const from = random(other.length + 1);
      bytes = Uint8Array.from([...bytes.slice(0, at), ...other.slice(from, from + random(40)), ...bytes.slice(at)]);
    }
  }
  return bytes;
}

/** Everything that is done with a value that was found. */
function use(found: Decoded): void {
  if (found.value === null) return;
  toNotation(found.value);
  structuredClone(toData(found));
  expect(summarise(found.value, 80).length).toBeLessThanOrEqual(80);
  expect(outline(found.value, { lines: 50 }).split('\n').length).toBeLessThanOrEqual(51);
  expect(typedEqual(found.value, found.value)).toBe(true);
  for (const [step] of [...children(found.value)].slice(0, 20)) {
    const text = formatPath([step]);
    expect(formatPath(parsePath(text))).toBe(text);
    found.spanOf([step]);
  }
}

it(`never crashes on ${RUNS} damaged values, nor on edits of what they hold`, () => {
  const all = seeds();
  const random = randomOf(Number(process.env['SESSIONSCOPE_FUZZ_SEED'] ?? 2026));
  const counts = { seeds: all.length, values: 0, errors: 0, edits: 0, refusedEdits: 0 };
  for (let run = 0; run < RUNS; run++) {
    const bytes = mutate(all, random);
    const before = bytes.slice();
    const as = random(3) === 0 ? STACKS[random(STACKS.length)] : undefined;
    try {
      const found = decode(bytes, as === undefined ? {} : { as });
      expect(found.error?.kind).not.toBe('internal');
      if (found.value === null) counts.errors++;
      else counts.values++;
      use(found);
      const places = found.value === null || found.error !== undefined ? [] : [...children(found.value)];
      const place = places[random(places.length || 1)];
      if (place === undefined) continue;
      const path = [place[0]];
      const value = { t: 'int', v: String(random(1000)) } as const;
      const edit: Edit = random(2) === 0 ? { op: 'delete', path } : { op: 'set', path, value, occurrences: 'all' };
      counts.edits++;
      try {
        applyEdits(bytes, [edit], { as: found.layers });
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        counts.refusedEdits++;
      }
      expect(sameBytes(bytes, before)).toBe(true);
    } catch (error) {
      console.log(`run ${run}: ${Buffer.from(before).toString('base64')} as ${as?.join('/') ?? 'guessed'}`);
      throw error;
    }
  }
  console.log('damaged fixtures', JSON.stringify(counts));
  expect(counts.values).toBeGreaterThan(RUNS / 20);
  expect(existsSync('/tmp/PWNED-by-fixture')).toBe(false);
});
