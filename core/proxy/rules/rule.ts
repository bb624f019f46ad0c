import type { Side } from '../hooks.ts';

/** Which exchanges a rule is for. Everything when empty. */
export interface RuleScope {
  /** `shop.test`, `*.shop.test` (the domain and everything below it), `shop.test:8080`, `[::1]`. Any port unless named. */
  readonly host?: string;
  /** A path and everything below it, as cookies have it: `/shop` holds `/shop` and `/shop/cart`, not `/shopping`. */
  readonly path?: string;
}

/** A change to one cookie, by name. Every other byte of the message stays. */
export interface CookieChange {
  readonly kind: 'cookie';
  readonly cookie: string;
  /** The new value, raw as it is to stand in the header. */
  readonly value?: string;
  /** Change only where the cookie has this value now. */
  readonly from?: string;
  /** Add the cookie where the message has none of that name (response: a Set-Cookie with `attributes.set`). */
  readonly add?: boolean;
  /** Take the cookie out: from `Cookie`, or its whole `Set-Cookie`. */
  readonly remove?: boolean;
  /** Attributes of `Set-Cookie`; only in responses. */
  readonly attributes?: {
    readonly set?: Readonly<Record<string, string | true>>;
    readonly remove?: readonly string[];
  };
}

/** A change to one header field, by name in any letter case. */
export interface HeaderChange {
  readonly kind: 'header';
  readonly header: string;
  /** The new value of every field of that name. */
  readonly value?: string;
  /** With `value`: add the field where the message has none of that name; otherwise it is only changed. */
  readonly add?: boolean;
  readonly remove?: boolean;
}

export type RuleChange = CookieChange | HeaderChange;

/** What a user wants done to passing messages. */
export interface NewRule {
  /** In words, for lists and `editedBy`; made from the change when absent. */
  readonly label?: string;
  readonly on: Side;
  readonly scope?: RuleScope;
  readonly change: RuleChange;
  /** The rule ends after it changed this many messages. */
  readonly times?: number;
}

export interface Rule extends NewRule {
  readonly id: string;
  readonly label: string;
  readonly paused: boolean;
  /** Messages it has changed. */
  readonly applied: number;
}

/** A rule in words: `sid = 3f2a… in requests`. */
export function ruleInWords({ on, change }: NewRule): string {
  const where = on === 'request' ? 'requests' : 'responses';
  if (change.kind === 'header') {
    if (change.remove === true) return `Remove ${change.header} from ${where}`;
    return `${change.header}: ${brief(change.value ?? '')} in ${where}`;
  }
  if (change.remove === true) return `Remove the cookie ${change.cookie} from ${where}`;
  const parts: string[] = [];
  if (change.value !== undefined) parts.push(`${change.cookie} = ${brief(change.value)}`);
  for (const [name, value] of Object.entries(change.attributes?.set ?? {})) {
    parts.push(value === true ? name : `${name}=${brief(value)}`);
  }
  for (const name of change.attributes?.remove ?? []) parts.push(`no ${name}`);
  return `${change.value === undefined ? `${change.cookie}: ` : ''}${parts.join(', ')} in ${where}`;
}

const brief = (text: string): string => (text.length > 16 ? `${text.slice(0, 12)}…` : text);
