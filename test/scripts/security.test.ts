import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

it('SECURITY.md names tests that exist', () => {
  const text = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`:\s*([^|)]+?)\s*(?:\||\)|$)/gm)];
  expect(named.length).toBeGreaterThan(25);
  for (const [, file = '', title = ''] of named) {
    expect(existsSync(path.join(root, file)), file).toBe(true);
    expect(readFileSync(path.join(root, file), 'utf8').replace(/\s+/g, ' '), `${file}: ${title}`).toContain(
      title.replace(/\s+/g, ' '),
    );
  }
});

it('each line of its tables names one', () => {
  const text = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|It cannot|They cannot)/.test(line));
  expect(rows.filter((row) => !/`test\//.test(row))).toEqual([]);
});
