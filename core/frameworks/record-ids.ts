import { FRAMEWORKS } from './catalog.ts';
import type { PossibleId, SeenSession } from './framework.ts';
import { percentDecoded, unquote } from './generic/ids.ts';

export { UP_TO_NUL } from './generic/ids.ts';

/** Most ids that one session is looked up by. */
const MOST = 12;
/** Nobody makes other ids, and databases refuse some of what a visitor can put into a cookie (a NUL, half a surrogate pair). */
const PRINTABLE = /^[\x20-\x7e]{1,4096}$/;

/**
 * The ids that a session's value carries, likeliest first: the id as it is, its raw and its plain form, and what each
 * framework finds inside it. A store's layout turns them into names of records (`Layout.recordNames`).
 */
export function publicIds(session: SeenSession): PossibleId[] {
  const found: PossibleId[] = [];
  const add = ({ id, how }: PossibleId): void => {
    if (PRINTABLE.test(id) && !found.some((known) => known.id === id)) found.push({ id, how });
  };
  add({ id: session.id, how: 'the id itself' });
  add({ id: session.raw, how: 'the id as it stood in the header' });
  const plain = unquote(percentDecoded(session.id));
  add({ id: plain, how: 'the id with percent signs and quotes taken off' });
  for (const framework of FRAMEWORKS) {
    for (const one of framework.publicIds?.({ ...session, id: plain }) ?? []) add(one);
  }
  return found.slice(0, MOST);
}

/** The names that files of sessions have for an id, in the layouts of all frameworks, when they differ from the id. */
export function fileNames(id: string): { readonly name: string; readonly how: string }[] {
  return FRAMEWORKS.flatMap(({ files }) => files ?? []).flatMap((layout) =>
    layout
      .recordNames(id)
      .filter((name) => name !== id)
      .map((name) => ({ name, how: `the id as ${layout.title} name it` })),
  );
}
