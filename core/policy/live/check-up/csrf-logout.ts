import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import { cookieAfter } from '../log-out.ts';
import type { Answer } from '../ports.ts';
import { setCookieOf } from './cookie-attributes.ts';
import { cookieField } from './cookie-field.ts';
import { crossSiteHeaders, sentCrossSite } from './cross-site.ts';

/** A page of another site makes the browser send the logout. */
export const csrfLogout: Experiment = {
  meta: {
    id: 'csrf-logout',
    title: 'Another site cannot log the user out',
    why: 'Requests that another site can trigger are done in the name of the user.',
    cause: 'The logout comes from a page of another site: foreign Origin, Sec-Fetch-Site cross-site, no token.',
    act: 'The verification request with the session afterwards.',
    control: 'The session before it; and the logout as the application itself sends it.',
    severity: 'low',
    mend: 'Ask for a token, or refuse requests whose Origin or Sec-Fetch-Site is another site; SameSite=Lax for the cookie.',
    needs: ['request', 'logout'],
    writes: true,
    wstg: ['WSTG-v42-SESS-05'],
    asvs: ['v5.0.0-3.5.1'],
  },
  run: (lab) => crossSiteLogout(lab, undefined),
};

/** The logout by GET: a link or an image of another site is enough. */
export const logoutByGet: Experiment = {
  meta: {
    id: 'logout-by-get',
    title: 'A link or an image of another site does not log the user out',
    why: 'Browsers send GET requests for links and images of any page, and Lax cookies with links.',
    cause: "The logout's address is asked for by GET, from a page of another site.",
    act: 'The verification request with the session afterwards.',
    control: 'The session before it.',
    severity: 'low',
    mend: 'Let the logout be a POST with a token, and answer GET with a page that asks.',
    needs: ['request', 'logout'],
    writes: true,
    wstg: ['WSTG-v42-SESS-05'],
    asvs: ['v5.0.0-3.5.3'],
  },
  run: (lab) => crossSiteLogout(lab, 'GET'),
};

async function crossSiteLogout(lab: LabContext, method: 'GET' | undefined): Promise<Finding> {
  const { logout } = lab.ports;
  if (logout === undefined) return cannotTell('No logout request was given.');
  if (!lab.canRenew) return cannotTell('Without the record the session could not be restored after a logout.');
  const used = method ?? logout.request.method;
  const field = await setCookieOf(lab);
  const sent = field === undefined ? 'some browsers' : sentCrossSite(cookieField(field, lab.ports.clock()), used);
  const control = await lab.control('Control: the session before the request of another site');
  const attacked = await lab.ask({
    title: `${used} of the logout from a page of another site${sent === 'no' ? ', without the cookie, which SameSite holds back' : ''}`,
    request: logout,
    unjudged: true,
    control: 'visitor',
    ...(sent === 'no' ? { cookie: null, others: 'none' as const } : {}),
    ...(method === undefined ? {} : { method, body: null }),
    headers: { ...crossSiteHeaders(logout.request, used), ...(method === undefined ? {} : { 'Content-Type': null }) },
  });
  const after = await lab.ask({ title: 'The session after it', control: 'visitor' });
  // The response may take the cookie away, or replace it by that of a new session, though it was not sent.
  const left = sent === 'no' ? cookieAfterForeign(lab.raw, attacked) : cookieAfter(lab.raw, attacked);
  const browser =
    left === lab.raw ? after : await lab.ask({ title: 'The browser after it', cookie: left, control: 'visitor' });
  const where = sent === 'some browsers' ? ' in browsers that take a missing SameSite for None' : '';
  if (after.outcome === 'refused') {
    lab.ended(lab.raw);
    return doesNotHold(
      lab.contrast(after, control),
      `A page of another site logs the user out${where}: the request was answered with ${attacked.observation.status}.`,
    );
  }
  if (browser.outcome === 'refused') {
    return doesNotHold(
      lab.contrast(browser, control),
      `A page of another site logs the browser out${where}: the response takes its cookie away; the session itself goes on.`,
    );
  }
  if (after.outcome !== 'accepted')
    return cannotTell(`The session afterwards could not be judged: ${after.judgement.because}.`);
  const why =
    sent === 'no'
      ? 'the cookie is not sent with it (SameSite)'
      : `the application answered ${attacked.observation.status}`;
  return holds(lab.contrast(after, await lab.visitor()), `A page of another site does not log the user out: ${why}.`);
}

/** What a browser has in the cookie after a response to a request that did not carry it. */
function cookieAfterForeign(raw: string, { observation }: Answer): string | null {
  return observation.id === 'deleted' ? null : (observation.newId ?? raw);
}
