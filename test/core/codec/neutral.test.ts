import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What the window imports from the codec must run in a browser: no Node module and no Buffer behind it. */
const ENTRIES = ['typed', 'path', 'diff', 'edit-typed', 'summarise', 'outline'];

it.each(ENTRIES)('core/codec/%s.ts needs neither Node nor Buffer', (entry) => {
  const seen = new Set<string>();
  const open = [new URL(`../../../core/codec/${entry}.ts`, import.meta.url).href];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(new URL(file), 'utf8');
    expect([file, /\bBuffer\b|\bprocess\./.test(source)]).toEqual([file, false]);
    for (const [, type, name = ''] of source.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'/gm)) {
      if (type !== undefined) continue;
      expect([file, name]).toEqual([file, expect.not.stringMatching(/^node:/)]);
      if (name.startsWith('.')) open.push(new URL(name, file).href);
    }
  }
  expect(seen.size).toBeGreaterThan(2);
});
