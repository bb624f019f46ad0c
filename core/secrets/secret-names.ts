import { Recent } from '../model/recent.ts';

/**
 * What the name of a field says about its value: header fields, parameters, form fields, JSON keys, XML elements.
 *
 * - `secret`: the value is a credential, whatever it looks like.
 * - `maybe`: the name alone does not decide (`code`, `key`, `state`); the form of the value does.
 * - `plain`: it is about a credential (`token_type`, `password_changed_at`) or has nothing to do with one.
 */
export type NameVerdict = 'secret' | 'maybe' | 'plain';

/** Where the name stands: a parameter called `key` is nearly always a credential, a JSON member rarely. */
export type NamePlace = 'header' | 'parameter' | 'member';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** One of these words anywhere in a name makes a credential of it. */
const STRONG = set(
  'password passwords passwd passwort pwd pw passphrase passcode kennwort secret secrets token tokens tok credential credentials ' +
    'authorization bearer jwt jws otp totp hotp csrf xsrf cookie cookies signature hmac apikey apikeys sid ssid sessid ' +
    'sessionid session sessions sess sesskey sessionkey sessiontoken privatekey assertion cvv cvc mnemonic dpop wresult ' +
    'psw mdp contrasena',
);
/** The same, but only as the last word: `login_pass`, not `pass_through`; `card_pin`, not `pin_color`. */
const STRONG_LAST = set('pass pin sig auth passkey');
/** In data these are often something else (a conference's session, a letter's signature, a boarding pass). */
const AMBIGUOUS_IN_DATA = set('session sessions sess signature sig auth pass pin');
/** What stands before `pass` and `pin` when they let somebody in. */
const PASS_OF = set(
  'user login admin db database smtp imap mail ftp account my new old current confirm auth root client proxy redis mysql pg postgres wp card security access sim door device http',
);
/** A number or plural at the end of a word: `new_password1`, `apikey2`. */
const GLUED =
  /(passwor[dt]|passwd|passphrase|passcode|secret|token|api_?key|credential|sess(ion)?_?id|jwt|privatekey|accesskey|secretkey|authkey|samlresponse)s?\d*$/;
/** `…sessid…` as servers name their ids: letters before, and digits or letters that tell applications apart behind. */
const SESSION_ID = /^[a-z]*sess(ion)?id[a-z\d]{0,16}$/;
const SESSION_END = /(?<!pos|ob|as|repos|dispos)session$/;

/** What stands before `key` when the key opens something. */
const KEY_OF = set(
  'api access secret private encryption encrypt signing sign subscription auth authentication license licence master shared account app application session ssh service functions client server admin user host consumer deploy developer dev bot webhook aes rsa ec pgp gpg hmac storage sas jwk crypto symmetric write read root recovery backup unlock pre preshared psk wifi webhooks',
);
/** What stands before `code` when the code lets somebody in. */
const CODE_OF = set(
  'auth authorization authentication verification verify confirmation confirm security otp sms mfa totp two factor 2fa backup recovery device user access activation login pass invite invitation reset one time magic pairing pin unlock scratch',
);
const PHRASE_OF = set('seed recovery pass secret backup mnemonic');

/** A last word that says something about a credential and is none itself. */
const ABOUT = set(
  'type types kind expires expire expired expiry expiration expiring ttl lifetime timeout age at in on time date timestamp length len size min max minimum maximum ' +
    'count counts limit limits quota usage used left remaining policy policies rule rules requirements required optional enabled disabled supported allowed changed updated ' +
    'created rotated modified issued field fields name names label title placeholder description message messages error errors help hint hints endpoint ' +
    'format status state valid invalid verified confirmed strength score version method methods mode scheme algorithm alg param parameter header headers ' +
    'prefix scope scopes issuer audience provider owner manager service services store storage page pages form input inputs required url uri link domain path samesite httponly ' +
    'secure present missing exists known ready active index number position total budget price rate ratio symbol address family file files less ness management settings options ' +
    'config preferences banner notice consent law accepted support info information duration start end started ended days minutes hours seconds visible hidden visibility list view model ' +
    'user username email role roles ip agent locale lang language country city device browser os platform',
);
/** A first word that makes a question or a figure of the name. */
const QUESTION = set(
  'is has have can could should would needs need must show hide require requires allow allows forgot enable disable min max num total no',
);
/** Tokens that turn pages or count text, and keys that name things. */
const HARMLESS_TOKEN_OF = set(
  'page pagination continuation next previous prev sync design cancel cancellation prompt completion reasoning output input cached estimated',
);
const HARMLESS_KEY = set(
  'sec-websocket-key idempotency-key x-idempotency-key surrogate-key cache-key x-cache-key x-surrogate-key xkey key-id',
);
/** Names whose value decides. */
const MAYBE = set('key code state nonce ticket verifier sign hash auth otc grant proof challenge_response');
/** Header fields that only talk about credentials. */
const HARMLESS_HEADER =
  /^(access-control-|content-security-policy|sec-websocket-(key|accept|version|extensions)|permissions-policy|www-authenticate$|proxy-authenticate$|signature-input$|public-key-pins|clear-site-data$|vary$|trailer$|allow$|expect-ct$)/;

const WORDS = new Recent<string, readonly string[]>(4_000);

/** `userPassword[0]` and `user_password` → user, password. */
function wordsOf(name: string): readonly string[] {
  const known = WORDS.get(name);
  if (known !== undefined) return known;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !/^\d+$/.test(word));
  if (name.length <= 200) WORDS.set(name, words);
  return words;
}

/** Documents repeat their names: each is judged once. */
const VERDICTS = new Recent<string, NameVerdict>(4_000);

/** What a name says. Never fails; only the last 200 characters of a name count. */
export function nameVerdict(rawName: string, place: NamePlace): NameVerdict {
  const name = rawName.slice(-200).trim();
  const key = `${place}\n${name}`;
  const known = VERDICTS.get(key);
  if (known !== undefined) return known;
  const verdict = judged(name, place);
  VERDICTS.set(key, verdict);
  return verdict;
}

function judged(name: string, place: NamePlace): NameVerdict {
  const lower = name.toLowerCase();
  if (place === 'header' && HARMLESS_HEADER.test(lower)) return 'plain';
  if (HARMLESS_KEY.has(lower)) return 'plain';
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (words.length === 0) return 'plain';
  if (words.length > 1 && isAbout(words, last)) return 'plain';
  const joined = words.join('');
  if (place === 'member' && AMBIGUOUS_IN_DATA.has(last) && !words.slice(0, -1).some(isStrong)) {
    return /^(pass|pin)$/.test(last) && (words.length === 1 || PASS_OF.has(before)) ? 'secret' : 'maybe';
  }
  if (words.some(isStrong) || STRONG_LAST.has(last.replace(/\d+$/, ''))) return 'secret';
  if (GLUED.test(joined) || SESSION_ID.test(joined) || SESSION_END.test(last)) return 'secret';
  if (/^keys?$/.test(last)) {
    if (words.length > 1 && before === 'public') return 'plain';
    if (KEY_OF.has(before)) return 'secret';
    if (place === 'header') return 'secret';
    return words.length === 1 && last === 'key' ? 'maybe' : 'plain';
  }
  if (/^codes?$/.test(last) && words.length > 1) return CODE_OF.has(before) ? 'secret' : 'plain';
  if (/^phrase$|^words$|^seed$/.test(last) && (PHRASE_OF.has(before) || last === 'seed'))
    return words.length > 1 ? 'secret' : 'maybe';
  if (last === 'verifier' && before === 'code') return 'secret';
  if (last === 'answer' && before === 'security') return 'secret';
  if (/^viewstate$/.test(joined)) return 'plain';
  return MAYBE.has(last) && words.length === 1 ? 'maybe' : 'plain';
}

const isStrong = (word: string): boolean => STRONG.has(word.replace(/\d+$/, ''));

function isAbout(words: readonly string[], last: string): boolean {
  const first = words[0] ?? '';
  // `secret_id` of Vault and `session_id` are credentials; `token_id` and `key_id` name one.
  if (last === 'id' || last === 'ids') return !words.some((word) => /^(sess|session|secret|sid|sso)$/.test(word));
  if (ABOUT.has(last)) return true;
  if (QUESTION.has(first)) return true;
  return /^tokens?$/.test(last) && words.slice(0, -1).some((word) => HARMLESS_TOKEN_OF.has(word));
}

/** Whether a value under a name that does not decide is a credential: words, short numbers and codes of errors are not. */
export function looksSecret(value: string, name: string, place: NamePlace): boolean {
  const text = value.trim();
  if (text.length < 4 || /\s/.test(text)) return false;
  if (/^[A-Z]+([_-][A-Z]+)*$/.test(text) && (text.length <= 3 || text.includes('_'))) return false;
  if (/^(https?:\/\/|\/)/.test(text)) return false;
  const last = wordsOf(name).at(-1) ?? '';
  const digits = /^\d+$/.test(text);
  // A parameter that is called so is nearly always a credential; the names of columns and of errors are not.
  if (place === 'parameter' && (last === 'key' || last === 'code') && /[^\d_\p{Ll}]/u.test(text)) return true;
  if (isWords(text)) return false;
  if (last === 'code')
    return digits ? text.length >= 6 || place === 'parameter' : /\d/.test(text) ? text.length >= 8 : text.length >= 12;
  if (last === 'state' || last === 'nonce' || last === 'hash' || last === 'seed' || last === 'sign' || last === 'proof')
    return last !== 'hash' && looksRandom(text);
  if (last === 'key' && place === 'member')
    return looksRandom(text) || (text.length >= 8 && /\d/.test(text) && /[A-Za-z]/.test(text) && !/[.:/\s]/.test(text));
  return !digits || text.length >= 6;
}

/** `invalid_request`, `created-at`: words of small letters. */
const isWords = (text: string): boolean => /^\p{Ll}+([_.:/-]\p{Ll}+)*$/u.test(text) && text.length <= 40;

/** Chance makes digits and letters alternate: 16 or more characters of a small alphabet, with several digits. */
export function looksRandom(text: string): boolean {
  if (text.length < 16 || !/^[\w+/.~=-]+$/.test(text)) return false;
  const body = text.replace(/[=_.~-]/g, '');
  const digits = body.replace(/\D/g, '').length;
  if (/^[0-9a-f]+$/i.test(body)) return digits >= 3 && /[a-f]/i.test(body);
  const runs = body.match(/[a-z]+|[A-Z]+|\d+/g)?.length ?? 0;
  return (
    (digits >= 2 && runs >= 5) || (runs / Math.max(1, body.length) > 0.3 && /[a-z]/.test(body) && /[A-Z]/.test(body))
  );
}
