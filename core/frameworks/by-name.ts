import type { CookieName, Framework, ValueForm } from './framework.ts';

/*
 * Frameworks and programs of which only the names of their cookies and the forms of their values are known here. One
 * that gets more (layers, layouts, clocks) becomes a folder, and its line goes.
 */

/** Base64 of a JSON object with members, in either alphabet. */
function isJsonObject(value: string): boolean {
  try {
    const read: unknown = JSON.parse(Buffer.from(value, 'base64').toString('utf8'));
    return typeof read === 'object' && read !== null && !Array.isArray(read);
  } catch {
    return false;
  }
}

function named(id: string, title: string, patterns: readonly (RegExp | CookieName)[], forms?: readonly ValueForm[]) {
  const cookieNames = patterns.map((one) => (one instanceof RegExp ? { pattern: one } : one));
  return { id, title, cookieNames, ...(forms === undefined ? {} : { valueForms: forms }) } satisfies Framework;
}

export const BY_NAME: readonly Framework[] = [
  named('java-servlet', 'Java servlet containers', [{ pattern: /^jsessionid(sso)?$/, text: 'JSESSIONID' }]),
  named('asp-net', 'ASP.NET', [/^(asp\.net_sessionid|\.aspxauth|\.aspnet\.applicationcookie|\.aspnet\.cookies)/]),
  named(
    'asp-net-core',
    'ASP.NET Core',
    [/^\.aspnetcore\.(session|cookies|identity\.\w+)(c\d+)?$/],
    [{ pattern: /^CfDJ8[\w-]{20,}$/, kind: 'encrypted', text: 'data protected by ASP.NET Core', holdsData: true }],
  ),
  named('classic-asp', 'classic ASP', [/^aspsessionid\w*$/]),
  named(
    'jose',
    'JSON Web Tokens',
    [],
    [
      {
        layer: 'jwe',
        kind: 'encrypted',
        text: 'an encrypted token (JWE)',
        holdsData: true,
        shared: true,
      },
      {
        layer: 'jws',
        kind: 'jwt',
        text: 'a JSON Web Token',
        holdsData: true,
        shared: true,
      },
      {
        pattern: /^v[1-4]\.(public|local)\.[\w-]+/,
        kind: 'signed',
        text: 'a PASETO token',
        holdsData: true,
        shared: true,
      },
    ],
  ),
  named(
    'starlette',
    'Starlette',
    [],
    [
      {
        layer: 'itsdangerous',
        pattern: /^[A-Za-z0-9+/]+={0,2}\.[\w-]{6}\.[\w-]+$/,
        kind: 'signed',
        text: 'data signed by Starlette (itsdangerous)',
        holdsData: true,
      },
    ],
  ),
  named(
    'cookie-session',
    'cookie-session or koa-session',
    [/^(express[:.]sess|koa[.:]sess)$/],
    [
      {
        pattern: /^ey[A-Za-z0-9+/_-]+={0,2}$/,
        test: isJsonObject,
        kind: 'signed',
        text: 'JSON in base64, as cookie-session writes it',
        holdsData: true,
        rank: -4,
      },
    ],
  ),
  named('codeigniter', 'CodeIgniter', [/^ci_session/]),
  named('cakephp', 'CakePHP', [/^cakephp$/]),
  named('drupal', 'Drupal', [/^s?sess[0-9a-f]{32}$/]),
  {
    ...named('wordpress', 'WordPress', [/^wordpress_(logged_in|sec)_/]),
    otherCookies: [{ pattern: /^wp-settings(-time)?-\d+$/, kind: 'preference', text: 'WordPress settings' }],
  },
  named('php-applications', 'PHP applications', [
    /^(moodlesession|prestashop-|phpbb3?_\w+_sid|frontend$|adminhtml$|zenid$|oscsid$)/,
  ]),
  named('play', 'Play', [/^play_session$/]),
  named('coldfusion', 'ColdFusion', [/^(cfid|cftoken)$/]),
  named('better-auth', 'Better Auth', [/^better-auth\.session_(token|data)$/]),
  named('auth0', 'Auth0', [/^appsession(\.\d+)?$/]),
  named('supabase', 'Supabase', [/^sb-[\w-]+-auth-token(\.\d+)?$/]),
  named(
    'aiohttp-session',
    'aiohttp-session',
    [/^aiohttp_session$/],
    [
      {
        layer: 'fernet',
        kind: 'encrypted',
        text: 'a Fernet token',
        holdsData: true,
        shared: true,
      },
    ],
  ),
  named(
    'react-router',
    'React Router',
    [],
    [
      {
        layer: 'cookie-signature',
        kind: 'signed',
        text: 'signed data',
        holdsData: true,
        shared: true,
        rank: -2,
      },
    ],
  ),
  named('keycloak', 'Keycloak', [/^(keycloak_identity|keycloak_session|auth_session_id)(_legacy)?$/]),
  named('perl', 'Perl frameworks', [/^(cgisessid|mojolicious|dancer.session|catalyst_session)$/]),
  named('oauth2-proxy', 'OAuth2 Proxy', [/^_oauth2_proxy(_d+)?$/]),
  named('ring', 'Ring', [/^ring-session$/]),
];
