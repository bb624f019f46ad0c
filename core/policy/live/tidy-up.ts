import type { LabContext } from './context.ts';
import { logOut } from './log-out.ts';
import type { Ask } from './ports.ts';

const MOST_NAMED = 10;

/**
 * Ends the sessions that the run logged in and that no store lets it remove: by the logout request.
 * @returns what is left, in words
 */
export async function tidyUp(lab: LabContext): Promise<readonly string[]> {
  const left: string[] = [];
  if (lab.ports.signal?.aborted !== true) {
    for (const [raw, others] of lab.logins) {
      if (await lab.isStored(raw)) continue;
      if (!(await ended(lab, raw, others))) left.push(raw);
    }
  } else left.push(...[...lab.logins.keys()]);
  const words: string[] = [];
  if (left.length > 0) {
    words.push(`${left.length} sessions that the run had logged in may still be valid: ${named(left)}`);
  }
  const { anonymous } = lab;
  if (anonymous.length > 0) {
    words.push(
      `the application gave visitors without a session ${anonymous.length} new ids, whose records (if it made any) are not known here: ${named(anonymous)}`,
    );
  }
  return words;
}

/** Records that appeared during the run and may be its own, in words. */
export async function unexplainedRecords(lab: LabContext): Promise<readonly string[]> {
  const ids = await lab.unexplained();
  if (ids.length === 0) return [];
  const names = named(ids);
  return [
    `${ids.length} records appeared in the store during the run that look like those its requests make; whether they are its own or visitors' is not known: ${names}`,
  ];
}

function named(ids: readonly string[]): string {
  const first = ids.slice(0, MOST_NAMED).map((id) => `${id.slice(0, 6)}…`);
  return first.join(', ') + (ids.length > MOST_NAMED ? `, and ${ids.length - MOST_NAMED} more` : '');
}

async function ended(lab: LabContext, raw: string, others: NonNullable<Ask['others']>): Promise<boolean> {
  if (!lab.canTell) return false;
  const session = { cookie: raw, others };
  const page = await lab.ask({ title: 'A session of the run, before it is ended', ...session, control: 'visitor' });
  if (page.outcome === 'refused') return true;
  if ((await logOut(lab, page, session)) === undefined) return false;
  const after = await lab.ask({ title: 'A session of the run, after its logout', ...session, control: 'visitor' });
  return after.outcome === 'refused';
}
