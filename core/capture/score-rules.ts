import { remembered } from '../model/recent.ts';
import type { Carrier, ScoreReason } from '../model/session.ts';
import type { SignatureView } from '../model/signature.ts';
import { type NameMeaning, nameMeaning } from './score-names.ts';
import { type ValueShape, valueShape } from './value-shape.ts';

/** What is known of one carrier of a possible session id. Everything but name and value may be unknown. */
export interface CookieEvidence {
  readonly name: string;
  /** The latest value, raw as in the header. */
  readonly value: string;
  /** Where it was carried; a cookie when absent. */
  readonly carrier?: Carrier['kind'];
  /** A Set-Cookie for it was seen. False: the browser sends it, but no response set it (script, or set before us). */
  readonly setByServer?: boolean;
  readonly httpOnly?: boolean;
  /** Seconds the browser keeps it; null: until the browser closes. */
  readonly lifetimeSeconds?: number | null;
  /** It was first set by the answer to a login (a POST that sent a password, or that other evidence calls one). */
  readonly setAtLogin?: boolean;
  /** It had a value before the login, and the login's answer replaced it. */
  readonly changedAtLogin?: boolean;
  /** The answer to a logout deleted or emptied it. */
  readonly deletedAtLogout?: boolean;
  /** Where its record was found: the words for the store ("./sessions"). */
  readonly foundInStore?: string;
  /** Every response replaced it with an unrelated value. */
  readonly changesAlways?: boolean;
  /** Removing it in a replay lost the login (`true`) or did not (`false`): *Prove it*. */
  readonly neededForLogin?: boolean;
  /** Of the value, where one is known. */
  readonly signature?: SignatureView;
  /** What was seen of one session, where the score is one's; all else is known of the name with all its values. */
  readonly own?: OwnEvidence;
}

/** Facts of one session, which go before those of the name. */
export type OwnEvidence = Pick<
  CookieEvidence,
  'foundInStore' | 'setByServer' | 'httpOnly' | 'lifetimeSeconds' | 'setAtLogin' | 'signature'
>;

interface Facts extends CookieEvidence {
  readonly meaning: NameMeaning;
  readonly shape: ValueShape;
}

interface Said {
  readonly points: number;
  readonly text: string;
  /** Without it the statement is about the name, or, where the rule looks at the value alone, about the session. */
  readonly about?: ScoreReason['about'];
}

/** What a rule says of a fact that may be the session's own or only known of the name. */
function either(
  f: Facts,
  key: keyof OwnEvidence,
  say: (fact: Facts, ofName: boolean) => Said | undefined,
): Said | undefined {
  const { own } = f;
  if (own === undefined) return say(f, false);
  const isOwn = own[key] !== undefined;
  const said = say(isOwn ? { ...f, ...own } : f, !isOwn);
  return said === undefined ? undefined : { ...said, about: isOwn ? 'session' : 'name' };
}

/** One rule: what it looks at, and what it says of it. Rules do not know of each other. */
interface Rule {
  readonly code: string;
  say(facts: Facts): Said | undefined;
}

const DAY = 86_400;

/** Points for a name. Negative kinds outweigh any format, since tokens against forgery look like ids. */
const NAME_POINTS: Readonly<Record<NameMeaning['kind'], number>> = {
  framework: 50,
  'session-word': 35,
  'auth-word': 20,
  signature: -60,
  csrf: -70,
  analytics: -70,
  'tracking-word': -40,
  consent: -70,
  preference: -55,
  routing: -60,
  unknown: 0,
};

function nameText(name: string, meaning: NameMeaning): string {
  switch (meaning.kind) {
    case 'framework':
      return `${name} is the name that ${meaning.who ?? 'a framework'} gives a session`;
    case 'session-word':
      return `Its name, ${name}, speaks of a session`;
    case 'auth-word':
      return `Its name, ${name}, speaks of a login`;
    case 'tracking-word':
      return `Its name, ${name}, speaks of counting visitors`;
    case 'preference':
      return `Its name, ${name}, speaks of a preference`;
    case 'signature':
      return `Its name, ${name}, says that it is the signature of another cookie`;
    default:
      return `${name} is known for ${meaning.who ?? 'another purpose'}`;
  }
}

const SCORE_RULES: readonly Rule[] = [
  {
    code: 'store',
    say: (f) =>
      either(f, 'foundInStore', ({ foundInStore }, ofName) =>
        foundInStore === undefined
          ? undefined
          : {
              points: 85,
              text: ofName
                ? `Records of other sessions with this name were found in ${foundInStore}`
                : `Its record was found in ${foundInStore}`,
            },
      ),
  },
  {
    code: 'needed',
    say: (f) =>
      f.neededForLogin === undefined
        ? undefined
        : f.neededForLogin
          ? { points: 85, text: 'A replay without it lost the login' }
          : { points: -60, text: 'A replay without it kept the login' },
  },
  {
    code: 'name',
    say: (f) => {
      if (f.carrier === 'header' && /^(proxy-)?authorization$/i.test(f.name)) {
        return { points: 45, text: 'It is sent as the credentials of the request' };
      }
      const points = NAME_POINTS[f.meaning.kind];
      return points === 0 ? undefined : { points, text: nameText(f.name, f.meaning) };
    },
  },
  {
    code: 'format',
    say: ({ shape }) => {
      switch (shape.kind) {
        case 'signed':
        case 'encrypted':
          return { points: 57, text: `Its value is ${shape.text}` };
        case 'json':
          return { points: 15, text: 'Its value is a JSON object' };
        case 'jwt':
          return { points: 35, text: `Its value is ${shape.text}` };
        case 'analytics':
          return { points: -60, text: `Its value is ${shape.text}` };
        default:
          return undefined;
      }
    },
  },
  {
    code: 'signature',
    say: (f) => {
      const signature = f.own?.signature ?? f.signature;
      switch (signature?.state) {
        case 'valid':
          return { points: 20, text: `Its signature fits a key of the site (${signature.scheme})` };
        case 'invalid':
          return { points: -10, text: `Its signature fits no key of the site (${signature.scheme})` };
        default:
          return undefined;
      }
    },
  },
  {
    code: 'entropy',
    say: ({ shape }) => {
      switch (shape.kind) {
        case 'hex':
        case 'random':
          return shape.bits >= 96
            ? { points: 25, text: `Its value is ${shape.text}, hard to guess (up to ${shape.bits} bits)` }
            : { points: 12, text: `Its value is ${shape.text} (up to ${shape.bits} bits)` };
        case 'uuid':
          return { points: 15, text: 'Its value is a UUID' };
        case 'number':
          return { points: -30, text: 'Its value is a number: too easy to guess for a session id' };
        case 'word':
          return { points: -30, text: `Its value has only ${shape.text}: too short for a session id` };
        case 'text':
          return { points: -15, text: 'Its value is readable text' };
        case 'empty':
          return { points: -20, text: 'Its value is empty' };
        default:
          return undefined;
      }
    },
  },
  {
    code: 'http-only',
    say: (f) => {
      if (f.carrier !== undefined && f.carrier !== 'cookie') return undefined;
      return either(f, 'httpOnly', ({ httpOnly }) => {
        if (httpOnly === true) return { points: 12, text: 'Scripts cannot read it (HttpOnly)' };
        return httpOnly === false ? { points: -5, text: 'Scripts can read it (no HttpOnly)' } : undefined;
      });
    },
  },
  {
    code: 'script',
    say: (f) =>
      either(f, 'setByServer', ({ setByServer, carrier }) =>
        setByServer === false && (carrier ?? 'cookie') === 'cookie'
          ? { points: -8, text: 'No response that passed here set it: a script did, or it is older than this capture' }
          : undefined,
      ),
  },
  {
    code: 'lifetime',
    say: (f) =>
      either(f, 'lifetimeSeconds', ({ lifetimeSeconds }) => {
        if (lifetimeSeconds === null) return { points: 5, text: 'It ends when the browser closes' };
        if (lifetimeSeconds === undefined || lifetimeSeconds <= 90 * DAY) return undefined;
        return { points: -12, text: `It is kept for ${Math.round(lifetimeSeconds / DAY)} days` };
      }),
  },
  {
    code: 'login',
    say: (f) => {
      if (f.own === undefined) {
        if (f.changedAtLogin === true) return { points: 30, text: 'Its value changed at login' };
        return f.setAtLogin === true ? { points: 30, text: 'It was set at login' } : undefined;
      }
      if (f.own.setAtLogin === true) return { points: 30, text: 'It was set at login', about: 'session' };
      return f.changedAtLogin === true || f.setAtLogin === true
        ? { points: 30, text: 'A login gave the cookie of this name a value', about: 'name' }
        : undefined;
    },
  },
  {
    code: 'logout',
    say: (f) =>
      f.deletedAtLogout === true ? { points: 25, text: 'A logout deleted the cookie of this name' } : undefined,
  },
  {
    code: 'restless',
    // Sealed values are written again each time (fresh nonce or stamp), so only opaque ones count.
    say: (f) =>
      f.changesAlways === true && f.shape.kind !== 'signed' && f.shape.kind !== 'encrypted' && f.shape.kind !== 'jwt'
        ? { points: -25, text: 'Every response replaces it with an unrelated value' }
        : undefined,
  },
];

const meaningOf = remembered(nameMeaning);

/** Rules that look at the value alone, which is the session's own. */
const OF_VALUE = new Set(['format', 'signature', 'entropy']);

/** Runs every rule over the evidence, the weightiest statement first. */
export function scoreReasons(evidence: CookieEvidence): ScoreReason[] {
  const facts: Facts = { ...evidence, meaning: meaningOf(evidence.name), shape: valueShape(evidence.value) };
  const reasons: ScoreReason[] = [];
  for (const rule of SCORE_RULES) {
    const said = rule.say(facts);
    if (said !== undefined)
      reasons.push({ code: rule.code, about: OF_VALUE.has(rule.code) ? 'session' : 'name', ...said });
  }
  return reasons.sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}
