import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandsPage, withAdvice } from '../../scripts/docs-pages.ts';

/* The site of the documents builds from the repository alone, and what it takes from the program is up to date. */

const root = path.resolve(import.meta.dirname, '../..');
const docs = path.join(root, 'docs');
const guides = readdirSync(path.join(docs, 'guides'));
const out = mkdtempSync(path.join(tmpdir(), 'docs-site-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('what scripts/docs-pages.ts writes', () => {
  it('docs/commands.md is the definition of the command line', async () => {
    expect(readFileSync(path.join(docs, 'commands.md'), 'utf8')).toBe(await commandsPage());
  });

  it.each(guides)('docs/guides/%s has the settings that its framework declares', (name) => {
    const page = readFileSync(path.join(docs, 'guides', name), 'utf8');
    expect(page).toContain('## Mend it');
    expect(withAdvice(page, path.parse(name).name)).toBe(page);
  });
});

describe('npm run docs', () => {
  it('builds every page, without a broken link, address or picture, and asks no other host', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/docs.ts'), '--out', out], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).not.toMatch(/dead link/i);
    expect(status).toBe(0);
    const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && !name.startsWith('.'),
    );
    expect(pages.length).toBeGreaterThan(20);
    const broken = pages.flatMap((name) => troubles(name.replace(/\.md$/, '.html')));
    expect(broken).toEqual([]);
  });
});

/** What a built page points to and is not there; a page that is missing itself. */
function troubles(name: string): string[] {
  const file = path.join(out, name);
  if (!existsSync(file)) return [`${name} was not built`];
  const html = readFileSync(file, 'utf8');
  // Templates that were not filled in; in code they are what is written there.
  const shown = html.replace(/<(code|pre|script)\b[\s\S]*?<\/\1>/g, '');
  if (shown.includes('{{')) return [`${name} shows a template: ${shown.slice(shown.indexOf('{{')).slice(0, 40)}`];
  if (!/<title>[^<{]*Sessionscope[^<{]*<\/title>/.test(html)) return [`${name} has no title`];
  return [...html.matchAll(/ (href|src)="([^"]*)"/g)].flatMap(([, attribute, link = '']) => {
    if (/^[a-z]+:/.test(link)) return attribute === 'src' ? [`${name} loads ${link}`] : [];
    const [place = '', fragment = ''] = link.split('#');
    const target =
      place === ''
        ? file
        : place.startsWith('/')
          ? path.join(out, place === '/' ? 'index.html' : place)
          : path.join(file, '..', place);
    const page = existsSync(target) ? target : `${target}.html`;
    if (!existsSync(page)) return [`${name} points to ${link}`];
    if (fragment === '' || !page.endsWith('.html')) return [];
    const id = decodeURIComponent(fragment);
    return readFileSync(page, 'utf8').includes(`id="${id}"`)
      ? []
      : [`${name} points to ${link}, a place that is not there`];
  });
}
