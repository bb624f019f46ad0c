import { frameworkOfName, otherCookie } from '../frameworks/recognise.ts';

/**
 * What a cookie's name says: the frameworks' own names first, then these tables, of which the first that matches
 * decides (`nameMeaning`). `__Host-`, `__Secure-`, `__Http-` and `__Host-Http-` are taken off before matching, letter case is ignored.
 */

export type NameKind =
  | 'framework'
  | 'session-word'
  | 'auth-word'
  | 'signature'
  | 'csrf'
  | 'analytics'
  | 'tracking-word'
  | 'consent'
  | 'preference'
  | 'routing'
  | 'unknown';

export interface NameMeaning {
  readonly kind: NameKind;
  /** Who uses the name (a framework, `Google Analytics`), where that is known. */
  readonly who?: string;
}

/** Never the session, and why. Tested before the words below, since `_csrf_session` is no session. */
const OTHERS: readonly (readonly [pattern: RegExp, kind: NameKind, who: string])[] = [
  [/(\.|-|_)sig$/, 'signature', 'the signature of another cookie'],
  [/(csrf|xsrf|authenticity|antiforgery|requestverification)/, 'csrf', 'a defence against forged requests'],
  [/^(_ga($|_)|_gid$|_gat|__utm[a-z]+$|_gcl_|_gac_|ga_)/, 'analytics', 'Google Analytics'],
  [/^(_fbp|_fbc|fr)$/, 'analytics', 'Meta'],
  [/^(_hj|_clck$|_clsk$|clid$|muid$|_uet(sid|vid)$|_pk_(id|ses|ref|cvar)|matomo_|mtm_)/, 'analytics', 'web analytics'],
  [
    /^(amp_|amplitude|mp_\w+_mixpanel|ajs_|optimizely|_vwo|_vis_opt|__hs(tc|sc|src)$|hubspotutk$)/,
    'analytics',
    'analytics',
  ],
  [
    /^(intercom-|_ttp$|_tt_|_pin_unauth$|__qca$|__gads$|__gpi$|_scid|_rdt_uuid|nid$|ide$|ph_\w+_posthog)/,
    'analytics',
    'analytics or advertising',
  ],
  [
    /^(__cf_bm|cf_clearance|_cfuvid|__cflb|_abck|bm_(sz|sv|mi)|ak_bmsc|incap_ses_|visid_incap_|datadome)/,
    'routing',
    'bot defence in front of the application',
  ],
  [
    /^(awsalb(app-\d+)?(cors)?$|awselb|bigipserver|arraffinity|serverid$|srv(id)?$|route$|ingresscookie|gclb$|lb$|citrix_ns_id)/,
    'routing',
    'a load balancer',
  ],
  [
    /(consent|gdpr|ccpa|cookie_?(banner|notice|policy|accepted|law)|optanon|cookieyes|cookiebot|euconsent|usprivacy|cmplz_|moove_)/,
    'consent',
    'consent to cookies',
  ],
];

const PREFERENCE_WORDS = new Set(
  'lang language locale i18n i18next theme darkmode dark mode color colour scheme currency country region tz timezone font fontsize view layout sidebar sort pref prefs preference preferences settings viewport dpr screen returnurl redirect referrer referer ref utm promo dismissed seen flash messages ab experiment variant'.split(
    ' ',
  ),
);
const ANALYTICS_WORDS = new Set(
  'analytics tracking tracker visitor visitorid vid gtm stat stats uv pixel campaign'.split(' '),
);
const SESSION_WORDS = new Set('session sess sessid sessionid sid ssid sessiontoken sessionkey sesskey'.split(' '));
const AUTH_WORDS = new Set(
  'auth token jwt login logged account user userid uid identity id_token access accesstoken access_token refresh remember rememberme ticket sso credential auth_token passport authtoken'.split(
    ' ',
  ),
);

/** `shopSessionId` → shop, session, id; `_demo_session` → demo, session. */
function words(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((w) => w !== '');
}

/** What the name says, the strongest statement first. Never fails, whatever the name holds. */
export function nameMeaning(rawName: string): NameMeaning {
  const name = rawName.slice(0, 256).replace(/^__(Host-Http|Host|Secure|Http)-/i, '');
  const lower = name.toLowerCase();
  const framework = frameworkOfName(rawName);
  if (framework !== undefined) return { kind: 'framework', who: framework.who };
  const other = otherCookie(rawName);
  if (other !== undefined) return { kind: other.kind, who: other.text };
  for (const [pattern, kind, who] of OTHERS) if (pattern.test(lower)) return { kind, who };
  const parts = words(name);
  const has = (set: ReadonlySet<string>) => parts.some((part) => set.has(part)) || set.has(lower);
  if (has(SESSION_WORDS) || /sess(ion)?_?id$|session$/.test(lower)) return { kind: 'session-word' };
  if (has(PREFERENCE_WORDS)) return { kind: 'preference' };
  if (has(ANALYTICS_WORDS)) return { kind: 'tracking-word' };
  if (has(AUTH_WORDS)) return { kind: 'auth-word' };
  return { kind: 'unknown' };
}
