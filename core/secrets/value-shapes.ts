import { type Hide, MASK } from './mask-types.ts';

/**
 * Forms that only credentials have, wherever they stand in a text. Each begins with characters that are rare in other
 * texts, has bounded repetitions and matches in linear time.
 */
const SHAPES: readonly (readonly [name: string, pattern: string])[] = [
  [
    'private key',
    '-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?',
  ],
  ['encrypted token', '\\beyJ[\\w-]{8,}\\.[\\w-]*\\.[\\w-]{8,}\\.[\\w-]+\\.[\\w-]{16,}'],
  ['JSON Web Token', '\\beyJ[\\w-]{8,}\\.(?:eyJ|e30)[\\w-]*(?:\\.[\\w-]*)?'],
  ['PASETO token', '\\bv[1-4]\\.(?:local|public)\\.[\\w-]{20,}(?:\\.[\\w-]*)?'],
  ['Fernet token', '\\bgAAAAA[\\w-]{60,}={0,2}'],
  ['cloud key', '\\b(?:AKIA|ASIA|ABIA|ACCA|LTAI|AKID)[A-Z0-9a-z]{12,36}\\b'],
  ['Google key', '\\bAIza[\\w-]{30,}|\\bya29\\.[\\w-]{20,}|\\b1//0[\\w-]{20,}|\\bGOCSPX-[\\w-]{20,}'],
  ['GitHub token', '\\bgh[opsur]_[A-Za-z0-9]{30,}|\\bgithub_pat_\\w{22,}'],
  ['GitLab token', '\\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[\\w-]{16,}'],
  ['Slack token', '\\bxox[a-z]-[\\w-]{10,}|\\bxoxe\\.[\\w.-]{10,}|\\bxapp-[\\w-]{10,}'],
  ['Slack webhook', '\\bhooks\\.slack\\.com/(?:services|workflows|triggers)/[\\w/-]{20,}'],
  ['Discord webhook', '\\bdiscord(?:app)?\\.com/api/(?:v\\d+/)?webhooks/\\d+/[\\w-]{20,}'],
  ['Telegram bot token', '\\b(?:bot)?\\d{8,10}:AA[\\w-]{32,34}\\b'],
  [
    'payment key',
    '\\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|\\bwhsec_[A-Za-z0-9+/=]{16,}|\\bsq0(?:csp|atp|idp)-[\\w-]{20,}|\\b(?:access|sandbox|production)\\$[a-z0-9$]{20,}',
  ],
  [
    'AI service key',
    '\\bsk-(?:proj-|ant-|or-|svcacct-|lf-)?[\\w-]{20,}|\\bhf_[A-Za-z0-9]{30,}|\\bgsk_[A-Za-z0-9]{30,}|\\br8_[A-Za-z0-9]{30,}|\\bpplx-[A-Za-z0-9]{30,}',
  ],
  [
    'mail service key',
    '\\bSG\\.[\\w-]{16,}\\.[\\w-]{30,}|\\bkey-[0-9a-f]{32}\\b|\\bxkeysib-[\\w-]{40,}|\\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}|\\bmd-[\\w-]{22}\\b',
  ],
  ['Twilio key', '\\bSK[0-9a-f]{32}\\b'],
  [
    'registry token',
    '\\bnpm_[A-Za-z0-9]{30,}|\\bpypi-AgE[\\w-]{40,}|\\brubygems_[0-9a-f]{40,}|\\bdckr_pat_[\\w-]{20,}|\\bcio[A-Za-z0-9]{32}\\b',
  ],
  [
    'hosting token',
    '\\bdo[oprt]_v1_[0-9a-f]{40,}|\\bFlyV1 [\\w+/=,-]{20,}|\\bfo1_[\\w-]{40,}|\\bHRKU-[\\w-]{30,}|\\brnd_[A-Za-z0-9]{20,}|\\bvercel_[\\w-]{20,}|\\bnfp_[A-Za-z0-9]{30,}|\\bsbp_[0-9a-f]{40}',
  ],
  [
    'vault token',
    '\\bhv[sbr]\\.[\\w-]{20,}|\\bdp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{20,}|\\bops_eyJ[\\w-]{20,}|\\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,4}[A-Z0-9]{5}',
  ],
  ['shop token', '\\bshp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}'],
  [
    'service token',
    '\\bdapi[0-9a-f]{32}\\b|\\blin_api_[A-Za-z0-9]{30,}|\\blin_oauth_[0-9a-f]{40,}|\\bATATT3[\\w=-]{40,}|\\bATCTT3[\\w=-]{40,}|\\bntn_[A-Za-z0-9]{30,}|\\bPMAK-[\\w-]{30,}|\\bgl(?:c|sa)_[\\w=+/-]{20,}|\\btskey-[\\w-]{16,}|\\bfigd_[\\w-]{30,}|\\bNRAK-[A-Z0-9]{20,}|\\bphx_[\\w-]{30,}|\\bsntrys_[\\w+/=-]{30,}|\\bdt0c01\\.[A-Z0-9.]{40,}|\\bpat[A-Za-z0-9]{14}\\.[0-9a-f]{40,}|\\bEAA[A-Za-z0-9]{40,}|\\bairtable[\\w]{30,}',
  ],
  ['age key', '\\bAGE-SECRET-KEY-1[A-Z0-9]{50,}'],
  ['CAS ticket', '\\b(?:ST|TGT|PGT|PT)-\\d+-[\\w.-]{16,}'],
];

/** Login of an address: `postgres://user:password@host`. The password may hold anything but a blank or a slash. */
const USERINFO = /(\b[a-z][a-z\d+.-]{1,20}:\/\/)([^\s/?#@"'<>\\]{1,300})@/gi;
/** `Bearer abc…` in any text. Basic's and Digest's words are asked to look like a credential. */
const SCHEME = /\b(Bearer|DPoP|Token|ApiKey|Basic|Negotiate|NTLM|Hawk)([ \t]{1,4})([\w+/.~=-]{8,})/gi;
const SCHEMES = /bearer|dpop|token|apikey|basic|negotiate|ntlm|hawk/i;

const ANY = new RegExp(SHAPES.map(([, pattern]) => `(${pattern})`).join('|'), 'g');
/** Cheap test whether a text can hold any of these: most texts stop here. */
const HINT =
  /eyJ|-----BEGIN|AKIA|ASIA|ABIA|ACCA|LTAI|AKID|AIza|ya29|1\/\/0|GOCSPX|gh[opsur]_|github_pat|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-|xox|xapp|hooks\.slack|webhooks|:AA|_live_|_test_|whsec_|sq0|\$|sk-|hf_|gsk_|r8_|pplx|SG\.|key-|xkeysib|re_|md-|SK[0-9a-f]|npm_|pypi|rubygems|dckr|cio|_v1_|FlyV1|fo1_|HRKU|rnd_|vercel_|nfp_|sbp_|hv[sbr]\.|dp\.|ops_|A3-|shp|dapi|lin_|AT[AC]TT3|ntn_|PMAK|gl(?:c|sa)_|tskey|figd|NRAK|phx_|sntrys|dt0c01|pat[A-Za-z0-9]|EAA|airtable|AGE-|(?:ST|TGT|PGT|PT)-\d|v[1-4]\.|gAAAAA/;

/**
 * Replaces every credential that its form gives away.
 * @param hide gets what it is and gives what stands in its place
 * @param sameLength what stands in its place is cut or filled up to the length of the credential
 */
export function maskShapes(text: string, hide: Hide, sameLength = false): string {
  const put = (what: string, found: string): string => {
    const mask = hide(what);
    return sameLength ? mask.padEnd(found.length, '*').slice(0, found.length) : mask;
  };
  let masked = text;
  if (HINT.test(masked)) {
    masked = masked.replace(ANY, (...found: unknown[]) => {
      const at = found.slice(1, SHAPES.length + 1).findIndex((group) => group !== undefined);
      return put(SHAPES[at]?.[0] ?? 'credential', String(found[0]));
    });
  }
  if (masked.includes('://') && masked.includes('@')) {
    masked = masked.replace(USERINFO, (whole, scheme: string, login: string) =>
      login === MASK ? whole : `${scheme}${put('login of an address', login)}@`,
    );
  }
  if (SCHEMES.test(masked)) {
    masked = masked.replace(SCHEME, (whole, scheme: string, blank: string, value: string) =>
      isCredential(scheme, value) ? `${scheme}${blank}${put(`${scheme} credential`, value)}` : whole,
    );
  }
  return masked;
}

function isCredential(scheme: string, value: string): boolean {
  if (/^(realm|charset|error|scope|algorithm|nonce|username|id|mac|credential|of|is|type)\b/i.test(value)) return false;
  const letters = /^[a-z]+$|^[A-Z]?[a-z]+[.,]?$/.test(value);
  if (letters) return false;
  // The three letters `=` at the end, a digit, or both cases within: words of a sentence have none.
  return /\d|=$|[a-z][A-Z]|[A-Z]{2}.*[a-z]/.test(value) || (/^bearer$/i.test(scheme) && value.length >= 20);
}
