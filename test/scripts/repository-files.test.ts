import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

/* What a repository has besides its code: a changelog in the usual form, issue forms, workflows. */

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { version, scripts } = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> };

it('the changelog has the present version, newest first, in the form of Keep a Changelog', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, text = '']) => text);
  expect(headings[0]).toBe('[Unreleased]');
  expect(headings[1]).toMatch(new RegExp(`^\\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`));
  const versions = headings.slice(1).map((one) => /^\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)$/.exec(one));
  expect(versions.every((one) => one !== null)).toBe(true);
  const dates = versions.map((one) => one?.[4] ?? '');
  expect(dates).toEqual(dates.toSorted().reverse());
  for (const [, kind = ''] of read('CHANGELOG.md').matchAll(/^### (.*)$/gm)) {
    expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  }
  expect(read('package-lock.json')).toContain(`"version": "${version}"`);
});

it('issue forms are forms: each part has a type, and each field an id of its own', () => {
  const folder = path.join(root, '.github/ISSUE_TEMPLATE');
  for (const file of readdirSync(folder).filter((name) => name !== 'config.yml')) {
    const form = parse(readFileSync(path.join(folder, file), 'utf8'));
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const ids = form.body.map((part: { id?: string; type: string; attributes: { label: string } }) => {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']).toContain(part.type);
      expect(part.attributes.label).toEqual(expect.any(String));
      return part.id;
    });
    expect(new Set(ids).size).toBe(ids.length);
  }
});

it('workflows run what is there: scripts of package.json, files of the repository, in the syntax of the shell', () => {
  const folder = path.join(root, '.github/workflows');
  for (const file of readdirSync(folder)) {
    const { jobs } = parse(readFileSync(path.join(folder, file), 'utf8')) as {
      jobs: Record<string, { steps: { run?: string; uses?: string }[] }>;
    };
    for (const { steps } of Object.values(jobs)) {
      for (const { run, uses } of steps) {
        expect(run ?? uses).toEqual(expect.any(String));
        if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
        if (run === undefined) continue;
        execFileSync('bash', ['-n', '-c', run]);
        for (const [, script = ''] of run.matchAll(/npm run (?:-s )?([\w-]+)/g)) expect(scripts).toHaveProperty(script);
        for (const [, command = ''] of run.matchAll(/^(\.\S+)/gm))
          expect(existsSync(path.join(root, command)), command).toBe(true);
      }
    }
  }
});
