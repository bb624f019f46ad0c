import { expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { COLUMNS, runStack, stacks } from '../../support/stacks/table.ts';

/* A sample of `scripts/stacks.ts`: real applications, each found, joined, edited, aged and undone by its own answers. */

const SAMPLE = [
  ['PHP files, php', 'php'],
  ['Django database', 'django'],
  ['Flask-Session files', 'flask'],
] as const;

for (const [name, need] of SAMPLE) {
  needs(need)(name, () => {
    it('passes every column of the table', async () => {
      const stack = stacks().find((one) => one.name === name);
      if (stack === undefined) throw new Error(`there is no stack ${name}`);
      const row = await runStack(stack);
      expect(row.failed).toBeUndefined();
      expect(Object.keys(row).sort()).toEqual([...COLUMNS].sort());
    }, 120_000);
  });
}
