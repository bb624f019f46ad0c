import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APPLICATIONS, JUDGED, policyText, startApplication } from '../../../support/lab-apps/applications.ts';
import { has, needs } from '../../../support/needs.ts';
import { policyHarness } from '../../../support/policy-harness.ts';

/*
 * The lab on applications that were written without a look at its judge, run as the command runs a policy. Some of them
 * here, others each day; all with LAB_APPLICATIONS=all, or those whose name has a text with LAB_APPLICATIONS=text.
 */
const WANTED = process.env['LAB_APPLICATIONS'];
const EVERY = 5;
const today = Math.floor(Date.now() / 86_400_000) % EVERY;
const LETTERS: Readonly<Record<string, string>> = { holds: 'h', 'does-not-hold': 'x', 'cannot-tell': 'q' };

const chosen = APPLICATIONS.filter(({ name }, i) =>
  WANTED === undefined ? i % EVERY === today : WANTED === 'all' || name.includes(WANTED),
);

needs(...new Set(chosen.flatMap((one) => one.needs)))('applications written without the judge', () => {
  let folder: string;
  const table: string[] = [];
  const counts = { right: 0, open: 0, falseHolds: 0, falseNo: 0 };
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-independent-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    console.log([JUDGED.join(', '), ...table, JSON.stringify(counts)].join('\n'));
  });

  it.each(chosen.filter((one) => one.needs.every(has)))('$name', { timeout: 180_000 }, async (application) => {
    const place = path.join(folder, application.name.replaceAll(/\W+/g, '-'));
    mkdirSync(place);
    const app = await startApplication(application, place);
    const harness = policyHarness();
    try {
      const [result] = await harness.run(policyText(application, app.origin, place));
      const truth = application.truth.split(' ');
      const wrong: string[] = [];
      const got = JUDGED.map((id, i) => {
        const outcome = result?.live.find(({ meta }) => meta.id === id)?.outcome;
        const letter = LETTERS[outcome?.verdict ?? ''] ?? '?';
        const wanted = truth[i] ?? '';
        if (letter === wanted[0]) counts.right += 1;
        else if (letter === 'q') counts.open += 1;
        else if (letter === 'h') counts.falseHolds += 1;
        else counts.falseNo += 1;
        const allowed = letter === wanted[0] || (letter === 'q' && wanted.endsWith('?'));
        if (!allowed) wrong.push(`${id}: true is ${wanted}, got ${letter}: ${outcome?.sentence}`);
        return letter;
      });
      table.push(`${application.name.padEnd(66)} true ${application.truth.padEnd(40)} got ${got.join(' ')}`);
      expect(result?.problem).toBeUndefined();
      expect(result?.restored).toBe(true);
      expect(wrong, application.name).toEqual([]);
    } finally {
      harness.close();
      await app.stop();
    }
  });
});
