import type { LabContext } from '../context.ts';

/** So many visitors are sent at most to get ids from. */
const MOST_VISITS = 200;
const MOST_MS = 15_000;

/** Ids that the application made: of visitors without a cookie, and those that stand in its store. In order of making. */
export async function sampleIds(
  lab: LabContext,
): Promise<{ readonly fresh: readonly string[]; readonly stored: readonly string[] }> {
  const stored: string[] = [];
  if (lab.ports.record !== undefined) {
    for await (const { id } of lab.ports.record.store.list(lab.ports.signal)) {
      if (stored.push(id) >= 1_000) break;
    }
  }
  const fresh: string[] = [];
  const began = lab.ports.clock();
  while (fresh.length < MOST_VISITS && lab.ports.clock() - began < MOST_MS) {
    const { newId } = (await lab.visitor({ title: 'A visitor, for a fresh id', unjudged: true })).observation;
    if (newId === undefined) break;
    fresh.push(newId);
  }
  // Each of them is the same for this experiment; what was found stands in its sentence.
  lab.takeEvidence();
  return { fresh, stored };
}
