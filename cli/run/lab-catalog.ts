import { policyJsonSchema } from '../../core/policy/file/schema.ts';
import { EXPERIMENTS } from '../../core/policy/live/catalog.ts';
import { print, printJson } from '../output.ts';
import type { CheckOptions } from './lab-check.ts';

export function labList(options: CheckOptions): void {
  const metas = EXPERIMENTS.map(({ meta }) => meta);
  if (options.json) {
    printJson({ experiments: metas });
    return;
  }
  const width = Math.max(...metas.map(({ id }) => id.length));
  for (const { id, title, needs, wstg, asvs } of metas) {
    print(`${id.padEnd(width)}  ${title}`);
    const numbers = [...wstg, ...asvs.map((number) => `ASVS ${number}`)].join(', ');
    print(`${' '.repeat(width)}  needs ${needs.join(', ')}; ${numbers}`);
  }
}

export function labSchema(): void {
  printJson(policyJsonSchema());
}
