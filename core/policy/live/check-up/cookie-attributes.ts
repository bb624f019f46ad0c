import { duration } from '../../../model/duration.ts';
import { webAddress } from '../../../model/web-address.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';
import { type CookieField, cookieField } from './cookie-field.ts';

const LOOPBACK = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/;
const MOST_BYTES = 4_096;

/** The attributes of the session's cookie. */
export const cookieAttributes: Experiment = {
  meta: {
    id: 'cookie-attributes',
    title: 'The session cookie has the attributes that protect it',
    why: 'Without them scripts read the cookie, other sites send it, and it travels over plain connections.',
    cause: "The session's Set-Cookie field as the application sends it.",
    act: 'Its attributes are compared with what each protects against.',
    control: 'The same field with the attributes that are missing.',
    severity: 'medium',
    mend: 'Set HttpOnly, SameSite and (over https) Secure with the prefix __Host-; leave Domain out.',
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-v42-SESS-02'],
    asvs: ['v5.0.0-3.3.1', 'v5.0.0-3.3.2', 'v5.0.0-3.3.3', 'v5.0.0-3.3.4', 'v5.0.0-3.3.5'],
  },
  worksBlind: true,
  async run(lab) {
    const field = await setCookieOf(lab);
    if (field === undefined) {
      return cannotTell('No Set-Cookie field of the session was seen: neither the login nor a request sent one.');
    }
    const cookie = cookieField(field, lab.ports.clock());
    const page = lab.canTell ? (await lab.control()).body : '';
    const { wrong, wanted } = shortcomings(lab, cookie, page.includes(cookie.value) && cookie.value.length >= 12);
    const shown = field.replace(cookie.value, '…');
    if (wrong.length === 0) {
      return holds(
        lab.contrast(
          { title: 'Set-Cookie', value: shown },
          { title: 'Control: the same without its attributes', value: `${cookie.name}=…` },
        ),
        'HttpOnly, SameSite, Path, Domain, size and lifetime of the session cookie are right for this address.',
      );
    }
    return doesNotHold(
      lab.contrast(
        { title: 'Set-Cookie', value: shown },
        { title: 'Control: with what is missing', value: `${cookie.name}=…; ${wanted.join('; ')}` },
      ),
      `${wrong.join(' ')}`,
    );
  },
};

/** The last Set-Cookie of the session: of the login, else of a request with the session, else of a visitor's. */
export async function setCookieOf(lab: LabContext): Promise<string | undefined> {
  if (lab.ports.setCookie !== undefined) return lab.ports.setCookie;
  const { name } = lab.ports.cookie;
  for (const answer of [
    await lab.ask({ title: 'The session, for its Set-Cookie', unjudged: true }),
    await lab.visitor({ title: 'A visitor, for the Set-Cookie', unjudged: true }),
  ]) {
    const raw = answer.flow.response?.rawHeaders ?? [];
    const found = raw.findLast(
      (value, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'set-cookie' && value.startsWith(`${name}=`),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function shortcomings(
  lab: LabContext,
  cookie: CookieField,
  inPage: boolean,
): { readonly wrong: readonly string[]; readonly wanted: readonly string[] } {
  const { protocol, hostname } = webAddress(lab.ports.verification.request.url);
  const wrong: string[] = [];
  const wanted: string[] = [];
  const lacks = (sentence: string, attribute: string) => {
    wrong.push(sentence);
    wanted.push(attribute);
  };
  if (!cookie.httpOnly) lacks('HttpOnly is missing: scripts of the page read the cookie (3.3.4).', 'HttpOnly');
  if (inPage) lacks('The value stands in the page too, where scripts read it (3.3.4).', 'the value in Set-Cookie only');
  if (cookie.sameSite === undefined) {
    lacks('SameSite is missing: browsers differ in what they do then (3.3.2).', 'SameSite=Lax');
  } else if (cookie.sameSite === 'none') {
    lacks('SameSite=None: every site can send requests with it (3.3.2).', 'SameSite=Lax');
  }
  if (protocol === 'https:') {
    if (!cookie.secure) lacks('Secure is missing: the cookie travels over http too (3.3.1).', 'Secure');
    if (!/^__(Host|Secure)-/.test(cookie.name)) {
      lacks('The name has neither the prefix __Host- nor __Secure- (3.3.1, 3.3.3).', `__Host-${cookie.name}`);
    }
  } else if (!LOOPBACK.test(hostname)) {
    lacks(
      'The application is used over http: the cookie cannot be protected on the way (3.3.1).',
      'Secure, over https',
    );
  }
  if (cookie.domain !== undefined) {
    lacks(`Domain=${cookie.domain}: the cookie goes to every host below it (3.3.3).`, 'no Domain');
  }
  if (Buffer.byteLength(cookie.name + cookie.value) > MOST_BYTES) {
    lacks(
      `Name and value together are longer than ${MOST_BYTES} bytes: browsers leave the cookie out (3.3.5).`,
      'a reference',
    );
  }
  const { idleSeconds, absoluteSeconds } = lab.settings;
  const longest = Math.max(idleSeconds, absoluteSeconds ?? 0);
  if (cookie.lifetime !== undefined && cookie.lifetime > longest + 60) {
    lacks(
      `The cookie lasts ${duration(cookie.lifetime)}, longer than a session may (${duration(longest)}).`,
      `Max-Age=${longest}`,
    );
  }
  return { wrong, wanted };
}
