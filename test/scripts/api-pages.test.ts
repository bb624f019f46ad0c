import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { apiPages } from '../../scripts/api-pages.ts';

const folder = path.resolve(import.meta.dirname, '../../docs/api');
let pages: ReadonlyMap<string, string>;
beforeAll(() => {
  pages = apiPages();
});

it('docs/api is what scripts/api-pages.ts writes', () => {
  expect(readdirSync(folder).sort()).toEqual([...pages.keys()].map((name) => `${name}.md`).sort());
  for (const [name, page] of pages) expect(readFileSync(path.join(folder, `${name}.md`), 'utf8'), name).toBe(page);
});

it('says of everything that a module exports what it is, and shows nothing private', () => {
  for (const [name, page] of pages) {
    const silent = [...page.matchAll(/^## (\S+)\n\n```/gm)].map(([, exported]) => exported);
    expect(silent, name).toEqual([]);
    expect(page).not.toMatch(/#private|private constructor/);
  }
  expect(pages.get('webpy')).toMatch(/^## Session$/m);
  expect(pages.get('codec')).toMatch(/^## decode\n\nTakes bytes apart/m);
  expect(pages.get('test')).toMatch(/^## openSessionscope$/m);
});
