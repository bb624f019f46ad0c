import { latin1 } from '../codec/bytes.ts';
import type { LayerContext } from '../codec/layer.ts';
import { DEFAULT_LIMITS, makeBudget } from '../codec/limits.ts';
import { layerById } from '../codec/registry.ts';
import { withTextOf } from '../codec/signed/parts.ts';
import { remembered } from '../model/recent.ts';
import { FRAMEWORKS } from './catalog.ts';
import type { Framework, OtherCookie, ValueForm } from './framework.ts';
import { LAYERS } from './layers.ts';

/** Prefixes with a meaning for browsers, which are no part of a name's meaning. */
const BROWSER_PREFIX = /^__(host-http|host|secure|http)-/;
const LONGEST_NAME = 256;

/** A framework that a cookie's name belongs to. */
export interface NamedBy {
  readonly framework: Framework;
  /** The framework's title, or in words who else uses the name. */
  readonly who: string;
  /** Several use this name, so that it names none of them. */
  readonly shared: boolean;
}

/** The framework that calls its session cookie so; one that uses the name alone goes before those that share it. */
export function frameworkOfName(name: string): NamedBy | undefined {
  const plain = plainName(name);
  let shared: NamedBy | undefined;
  for (const framework of FRAMEWORKS) {
    for (const { pattern, sharedBy } of framework.cookieNames) {
      if (!pattern.test(plain)) continue;
      if (sharedBy === undefined) return { framework, who: framework.title, shared: false };
      shared ??= { framework, who: sharedBy, shared: true };
    }
  }
  return shared;
}

/** A framework's cookie of this name that is no session; undefined when there is none. */
export function otherCookie(name: string): OtherCookie | undefined {
  const plain = plainName(name);
  for (const { otherCookies } of FRAMEWORKS) {
    const found = otherCookies?.find(({ pattern }) => pattern.test(plain));
    if (found !== undefined) return found;
  }
  return undefined;
}

function plainName(name: string): string {
  return name.slice(0, LONGEST_NAME).toLowerCase().replace(BROWSER_PREFIX, '');
}

interface FormOf {
  readonly form: ValueForm;
  readonly framework: Framework;
}

/** All forms by falling rank; the order of the catalog decides between equal ones. */
const FORMS: readonly FormOf[] = FRAMEWORKS.flatMap((framework) =>
  (framework.valueForms ?? []).map((form) => ({ form, framework })),
).sort((a, b) => (b.form.rank ?? 0) - (a.form.rank ?? 0));

/** The form of a value after percent signs and quotes are taken off, and whose it is; undefined when it is none. */
export function valueForm(value: string): FormOf | undefined {
  return matchOf(value).found;
}

/** Remembered up to the length of a cookie: traffic sends the same values with each request. */
const matchOf = remembered(
  (value): { readonly found: FormOf | undefined } => {
    // Headers are bytes; a character that is none cannot be in a form.
    if (/[^\0-\xff]/.test(value)) return { found: undefined };
    const bytes = latin1(value);
    const looks = new Map<string, boolean>();
    return { found: withTextOf(bytes, () => FORMS.find(({ form }) => fits(form, value, bytes, looks))) };
  },
  1_024,
  4_096,
);

/** @param looks what layers said of these bytes already: several forms refer to one layer */
function fits(
  { layer, pattern, test }: ValueForm,
  value: string,
  bytes: Uint8Array,
  looks: Map<string, boolean>,
): boolean {
  if (pattern?.test(value) === false || test?.(value) === false) return false;
  if (layer === undefined) return true;
  let known = looks.get(layer);
  if (known === undefined) looks.set(layer, (known = layerById(layer, LAYERS)?.recognise(bytes, ALONE) !== undefined));
  return known;
}

/** A value by itself: without keys, a name or other cookies. */
const ALONE: LayerContext = {
  budget: makeBudget(DEFAULT_LIMITS),
  chosen: false,
  outer: [],
  keys: [],
  companions: {},
  stamp: 'keep',
  time: 0,
};

/** What is known of a session when its framework is to be named. */
export interface FrameworkEvidence {
  /** Of the cookie, header or parameter. */
  readonly name: string;
  /** After percent signs and quotes are taken off. */
  readonly value: string;
  /** The layout of the store in which its record was found, and in words how that store is called. */
  readonly layout?: { readonly framework: string; readonly title: string };
}

/** The framework of a session, with the reason as a sentence. */
export interface NamedFramework {
  readonly id: string;
  readonly title: string;
  readonly why: string;
}

/**
 * The framework that made a session, the strongest evidence first: where its record lies, the form of its value, the
 * name of its cookie. Undefined when nothing names one; what several share names none.
 */
export function frameworkOf({ name, value, layout }: FrameworkEvidence): NamedFramework | undefined {
  const stored = layout === undefined ? undefined : frameworkById(layout.framework);
  if (stored !== undefined && stored.id !== 'generic') {
    return { id: stored.id, title: stored.title, why: `Its record lies as in ${layout?.title}` };
  }
  const formed = valueForm(value);
  if (formed !== undefined && formed.form.shared !== true) {
    return { id: formed.framework.id, title: formed.framework.title, why: `Its value is ${formed.form.text}` };
  }
  const named = frameworkOfName(name);
  if (named === undefined || named.shared) return undefined;
  return { id: named.framework.id, title: named.framework.title, why: `${name} is the name of its session cookie` };
}

export function frameworkById(id: string): Framework | undefined {
  return FRAMEWORKS.find((framework) => framework.id === id);
}
