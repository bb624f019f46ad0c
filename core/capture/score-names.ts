/**
 * What a cookie's name says. Data only: the first table that matches decides (`nameMeaning`).
 * `__Host-`, `__Secure-`, `__Http-` and `__Host-Http-` are taken off before matching, letter case is ignored.
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
  /** Who uses the name (`web.py`, `Google Analytics`), where that is known. */
  readonly who?: string;
}

type Row = readonly [pattern: RegExp, who: string];

/** Names that frameworks give their session cookie by default. */
const FRAMEWORKS: readonly Row[] = [
  [/^webpy_session_id$/, 'web.py'],
  [/^phpsessid/, 'PHP'],
  [/^jsessionid(sso)?$/, 'Java servlet containers'],
  [/^(asp\.net_sessionid|\.aspxauth|\.aspnet\.applicationcookie|\.aspnet\.cookies)/, 'ASP.NET'],
  [/^\.aspnetcore\.(session|cookies|identity\.\w+)(c\d+)?$/, 'ASP.NET Core'],
  [/^aspsessionid\w*$/, 'classic ASP'],
  [/^sessionid$/, 'Django'],
  [/^session$/, 'Flask, Starlette, cookie-session, Spring Session and others'],
  [/^connect\.sid$/, 'express-session'],
  [/^(express[:.]sess|koa[.:]sess)$/, 'cookie-session or koa-session'],
  [/^laravel_session$/, 'Laravel'],
  [/^ci_session/, 'CodeIgniter'],
  [/^cakephp$/, 'CakePHP'],
  [/^s?sess[0-9a-f]{32}$/, 'Drupal'],
  [/^wordpress_(logged_in|sec)_/, 'WordPress'],
  [/^(moodlesession|prestashop-|phpbb3?_\w+_sid|frontend$|adminhtml$|zenid$|oscsid$)/, 'PHP applications'],
  [/^rack\.session$/, 'Rack'],
  [/^_session_id$/, 'Rails'],
  [/^play_session$/, 'Play'],
  [/^(cfid|cftoken)$/, 'ColdFusion'],
  [/^(next-auth|authjs)\.session-token(\.\d+)?$/, 'Auth.js'],
  [/^better-auth\.session_(token|data)$/, 'Better Auth'],
  [/^appsession(\.\d+)?$/, 'Auth0'],
  [/^sb-[\w-]+-auth-token(\.\d+)?$/, 'Supabase'],
  [/^__session$/, 'React Router, Remix, Clerk or Firebase'],
  [/^iron-session/, 'iron-session'],
  [/^(beaker\.session\.id|beaker_session_id)$/, 'Beaker'],
  [/^aiohttp_session$/, 'aiohttp-session'],
  [/^session_id$/, 'CherryPy, Odoo and others'],
  [/^(keycloak_identity|keycloak_session|auth_session_id)(_legacy)?$/, 'Keycloak'],
  [/^(cgisessid|mojolicious|dancer\.session|catalyst_session)$/, 'Perl frameworks'],
  [/^_oauth2_proxy(_\d+)?$/, 'OAuth2 Proxy'],
  [/^ring-session$/, 'Ring'],
  // Laravel's cookie driver keeps the data in a second cookie that is named by the session id.
  [/^(?=.*\d)(?=.*[a-z])[a-z\d]{40}$/, "Laravel's cookie driver"],
];

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
  [/^(wp-settings(-time)?-\d+)$/, 'preference', 'WordPress settings'],
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
  for (const [pattern, who] of FRAMEWORKS) if (pattern.test(lower)) return { kind: 'framework', who };
  for (const [pattern, kind, who] of OTHERS) if (pattern.test(lower)) return { kind, who };
  const parts = words(name);
  const has = (set: ReadonlySet<string>) => parts.some((part) => set.has(part)) || set.has(lower);
  if (has(SESSION_WORDS) || /sess(ion)?_?id$|session$/.test(lower)) return { kind: 'session-word' };
  if (has(PREFERENCE_WORDS)) return { kind: 'preference' };
  if (has(ANALYTICS_WORDS)) return { kind: 'tracking-word' };
  if (has(AUTH_WORDS)) return { kind: 'auth-word' };
  return { kind: 'unknown' };
}
