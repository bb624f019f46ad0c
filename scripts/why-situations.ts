import { CAUSES } from '../core/diagnosis/causes.ts';
import { SITUATIONS } from '../test/support/situations/all.ts';
import { openChromium, World } from '../test/support/situations/world.ts';

/*
 * Runs every real situation in which a session ends and prints what *Why?* names: `node scripts/why-situations.ts [WORD]`,
 * WORD a part of the names or causes to run. Exit status 1 when a wrong cause was called certain, or when fewer than 95 %
 * were named first.
 */

const [word = ''] = process.argv.slice(2);
const chosen = SITUATIONS.filter(({ truth, name }) => `${truth} ${name}`.includes(word));
const browser = await openChromium();
let first = 0;
let wrongCertain = 0;
for (const { truth, certainty, name, run } of chosen) {
  const world = await World.open(browser);
  let line: string;
  try {
    const { causes, answer, loss } = await run(world);
    const named = causes[0];
    const right = named?.id === truth && named.certainty === certainty;
    const wrong = causes.filter((one) => one.certainty === 'certain' && one.id !== truth);
    if (named?.id === truth) first += 1;
    wrongCertain += wrong.length;
    line = `${right ? 'ok   ' : named?.id === truth ? 'level' : 'WRONG'} ${truth.padEnd(22)} ${(named === undefined ? `(none, ${loss?.kind ?? 'no loss'})` : `${named.id} ${named.certainty}`).padEnd(36)} ${name}`;
    if (!right) line += `\n      ${answer}\n      ${causes.map((one) => `${one.id} ${one.certainty}`).join(', ')}`;
  } catch (error) {
    line = `FAIL  ${truth.padEnd(22)} ${name}\n      ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await world.close();
  }
  console.log(line);
}
await browser.close();
const missing = CAUSES.filter(({ id }) => !SITUATIONS.some(({ truth }) => truth === id)).map(({ id }) => id);
console.log(`\n${first} of ${chosen.length} named first, ${wrongCertain} wrong ones called certain.`);
if (missing.length > 0) console.log(`Without a situation here: ${missing.join(', ')}`);
process.exitCode = wrongCertain > 0 || first < chosen.length * 0.95 ? 1 : 0;
