import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/* The tour of the code stays true: every file, every name and every call that it lists is there. */

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/tour.md'), 'utf8');
const steps = [...page.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|/gm)].map(
  ([, file = '', name = '', code = '']) => ({
    file,
    name,
    code,
  }),
);

describe('the tour of the code', () => {
  it('has its three ways', () => {
    expect(page.match(/^## /gm)).toHaveLength(3);
    expect(steps.length).toBeGreaterThan(30);
  });

  it.each(steps)('$file passes $name and goes on by $code', ({ file, name, code }) => {
    expect(existsSync(path.join(root, file)), file).toBe(true);
    const source = readFileSync(path.join(root, file), 'utf8');
    expect(source).toMatch(new RegExp(`(function|class|const|interface) ${name}\\b`));
    expect(source).toContain(code);
  });
});
