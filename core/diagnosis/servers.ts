import type { Exchange, Facts } from './facts.ts';
import { sentValues } from './loss.ts';

/** Header fields by which balancers and clusters name the server that answered. */
const SERVER_FIELDS = [
  'x-backend',
  'x-backend-server',
  'x-served-by',
  'x-server',
  'x-server-id',
  'x-upstream',
  'x-instance',
  'x-pod',
  'x-node',
  'x-worker',
  'fly-machine-id',
];

export interface Alternation {
  readonly accepted: readonly Exchange[];
  readonly refused: readonly Exchange[];
  /** The field in which servers that accept and servers that refuse differ, where one tells them apart. */
  readonly tellsApart: { readonly field: string; readonly accepts: string; readonly refuses: string } | undefined;
}

/** One value is accepted, refused, and accepted again, several times: which server answers decides. */
export function alternation({ subject, exchanges }: Facts): Alternation | undefined {
  const answers = exchanges
    .filter((one) => sentValues(one, subject.name).includes(subject.value) && one.address.host === subject.host)
    .filter(({ page }) => page === 'content' || page === 'login' || page === 'denied');
  let changes = 0;
  for (let i = 1; i < answers.length; i += 1) {
    if ((answers[i]?.page === 'content') !== (answers[i - 1]?.page === 'content')) changes += 1;
  }
  const accepted = answers.filter(({ page }) => page === 'content');
  const refused = answers.filter(({ page }) => page !== 'content');
  // Refused once in between is an address that wants more; three changes are a pattern.
  if (changes < 3 || accepted.length < 2 || refused.length < 2) return undefined;
  // The same address must be answered both ways.
  const paths = new Set(accepted.map(({ address }) => address.pathname));
  if (!refused.some(({ address }) => paths.has(address.pathname))) return undefined;
  return { accepted, refused, tellsApart: differing(accepted, refused) };
}

function differing(accepted: readonly Exchange[], refused: readonly Exchange[]): Alternation['tellsApart'] {
  for (const field of SERVER_FIELDS) {
    const values = (list: readonly Exchange[]) => new Set(list.map(({ response }) => response.get(field) ?? ''));
    const [yes, no] = [values(accepted), values(refused)];
    if (yes.has('') || no.has('') || [...yes].some((one) => no.has(one))) continue;
    return { field, accepts: [...yes].join(', '), refuses: [...no].join(', ') };
  }
  return undefined;
}
