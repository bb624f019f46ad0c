import { readdirSync } from 'node:fs';
import type { Bench, Figure } from './report.ts';

/** `npm run bench -- [NAME…] [--json] [--quick]`: every `bench/<name>.bench.ts` is one benchmark. */
const folder = import.meta.dirname;
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const args = process.argv.slice(2);
const names = args.filter((word) => !word.startsWith('--'));
const json = args.includes('--json');
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark named ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}

for (const name of names.length > 0 ? names : all) {
  const { run } = (await import(`./${name}.bench.ts`)) as { run: Bench };
  await run(json ? (figure) => console.log(JSON.stringify(figure)) : print, { quick: args.includes('--quick') });
}
process.exit(0);

function print(figure: Figure): void {
  const beside = Object.entries(figure.beside ?? {}).map(([who, value]) => `${who} ${short(value)}`);
  const tail = beside.length > 0 ? `   beside ${beside.join(', ')}` : '';
  console.log(`${figure.bench}  ${figure.figure}: ${short(figure.value)} ${figure.unit} (n=${figure.n})${tail}`);
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
