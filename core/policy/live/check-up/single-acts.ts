import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { cookieAfter, withFormFields } from '../log-out.ts';
import type { Answer } from '../ports.ts';
import { setCookieOf } from './cookie-attributes.ts';
import { cookieField } from './cookie-field.ts';
import { crossSiteHeaders, sentCrossSite } from './cross-site.ts';

const outcomeOf = ({ observation: { status, location } }: Answer): string =>
  location === undefined ? String(status) : `${status} ${location}`;

/** The unsafe request that the policy names, from another site. */
export const csrfRequest: Experiment = {
  meta: {
    id: 'csrf-request',
    title: 'Another site cannot send the request in the name of the user',
    why: 'A page of another site changes data of whoever visits it while logged in.',
    cause: 'The request comes from a page of another site: foreign Origin, Sec-Fetch-Site cross-site, no token.',
    act: 'The request act of the policy, with the session.',
    control: 'The same request as the application itself sends it; and from a visitor.',
    severity: 'high',
    mend: 'Ask for a token, or refuse requests whose Origin or Sec-Fetch-Site is another site; SameSite=Lax for the cookie.',
    needs: ['request', 'act'],
    writes: true,
    forGood: 'sends the request act of the policy several times',
    wstg: ['WSTG-v42-SESS-05'],
    asvs: ['v5.0.0-3.5.1', 'v5.0.0-3.5.2'],
  },
  async run(lab) {
    const request = lab.ports.acts?.['act']?.request;
    if (request === undefined) return notApplicable('The policy names no act.');
    const page = await lab.control();
    const filled = await withFormFields(lab, request, page);
    const own = await lab.ask({ title: 'Control: the request of the application itself', unjudged: true, ...filled });
    const visitor = await lab.visitor({ title: 'Control: the same of a visitor', unjudged: true, ...filled });
    if (outcomeOf(own) === outcomeOf(visitor)) {
      return cannotTell(
        `The request is answered alike with the session and without (${outcomeOf(own)}): nothing shows that it was done.`,
      );
    }
    const field = await setCookieOf(lab);
    const sent =
      field === undefined
        ? 'some browsers'
        : sentCrossSite(cookieField(field, lab.ports.clock()), request.request.method);
    const foreign = await lab.ask({
      title: 'The request from a page of another site',
      unjudged: true,
      request,
      headers: crossSiteHeaders(request.request),
      ...(sent === 'no' ? { cookie: null, others: 'none' as const } : {}),
    });
    const seen = (title: string, answer: Answer) => ({ title, value: outcomeOf(answer) });
    if (outcomeOf(foreign) === outcomeOf(own)) {
      const where = sent === 'some browsers' ? ', in browsers that take a missing SameSite for None' : '';
      return doesNotHold(
        lab.contrast(seen('From another site', foreign), seen('Control: of a visitor', visitor)),
        `A page of another site has it done in the name of the user${where}: ${outcomeOf(foreign)}.`,
      );
    }
    return holds(
      lab.contrast(seen('From another site', foreign), seen('Control: of the application itself', own)),
      sent === 'no'
        ? 'The cookie is not sent from another site (SameSite), and without it the request is refused.'
        : `From another site the request is refused: ${outcomeOf(foreign)}.`,
    );
  },
};

/** A sensitive change asks for the password again. */
export const reauthentication: Experiment = {
  meta: {
    id: 'reauthentication',
    title: 'A sensitive change asks for the password again',
    why: 'Whoever finds an open browser changes the address for password resets and has the account.',
    cause: 'The change is sent by a session that has not given the password again.',
    act: 'The request sensitive_change of the policy, without any password in it.',
    control: 'The same request of a visitor.',
    severity: 'medium',
    mend: 'Ask for the password (or a second factor) in the same form, or shortly before it.',
    needs: ['request', 'sensitive_change'],
    writes: true,
    forGood: 'makes the change of the request sensitive_change',
    wstg: ['WSTG-v42-SESS-09'],
    asvs: ['v5.0.0-7.5.1'],
  },
  async run(lab) {
    const request = lab.ports.acts?.['sensitive_change']?.request;
    if (request === undefined) return notApplicable('The policy names no sensitive_change.');
    const page = await lab.control();
    const filled = await withFormFields(lab, request, page);
    const own = await lab.ask({ title: 'The change, without the password', unjudged: true, ...filled });
    const visitor = await lab.visitor({ title: 'Control: the change of a visitor', unjudged: true, ...filled });
    const { status } = own.observation;
    const seen = { title: 'The change, without the password', value: outcomeOf(own) };
    if (status >= 400 && status < 500) {
      return holds(
        lab.contrast(seen, { title: 'Control: a change that is made', value: 'answered below 400' }),
        `The change is refused without the password: ${outcomeOf(own)}.`,
      );
    }
    if (status === 0 || status >= 500) return cannotTell(`The change was answered with ${status}.`);
    if (outcomeOf(own) === outcomeOf(visitor)) {
      return cannotTell(`The change is answered alike with the session and without (${outcomeOf(own)}).`);
    }
    return doesNotHold(
      lab.contrast(seen, { title: 'Control: of a visitor', value: outcomeOf(visitor) }),
      `The change is made without asking for the password: ${outcomeOf(own)}.`,
    );
  },
};

/** The id before and after a change of privileges. */
export const privilegeChange: Experiment = {
  meta: {
    id: 'privilege-change',
    title: 'The id is renewed when the privileges of the session change',
    why: 'An id that was known before must not be worth more afterwards.',
    cause: 'The request privilege_change of the policy is sent.',
    act: 'The verification request with the id from before it.',
    control: 'The same request before it; and the id that the browser has afterwards.',
    severity: 'medium',
    mend: 'Renew the id at every change of privileges, and end the old one.',
    needs: ['request', 'login', 'privilege_change'],
    writes: true,
    forGood: 'changes the privileges of a session of its own',
    wstg: ['WSTG-v42-SESS-03'],
    asvs: ['v5.0.0-7.2.4'],
  },
  async run(lab) {
    const request = lab.ports.acts?.['privilege_change']?.request;
    if (request === undefined) return notApplicable('The policy names no privilege_change.');
    const login = await lab.logIn();
    const session = { cookie: login.raw, others: login.others };
    const before = await lab.ask({ title: 'The session before it', ...session, control: 'visitor' });
    const done = await lab.ask({
      title: 'privilege_change',
      unjudged: true,
      control: 'visitor',
      ...session,
      ...(await withFormFields(lab, request, before)),
    });
    const { status } = done.observation;
    if (status === 0 || status >= 400) return cannotTell(`The request itself was answered with ${status}.`);
    const raw = cookieAfter(login.raw, done);
    const after = await lab.ask({ title: 'The id from before it, afterwards', ...session, control: 'visitor' });
    if (raw === login.raw) {
      if (after.outcome !== 'accepted') return cannotTell('The session is not accepted after it.');
      return doesNotHold(
        lab.contrast(after, await lab.visitor()),
        'The id is the same before and after the change of privileges.',
      );
    }
    if (after.outcome === 'accepted') {
      return doesNotHold(
        lab.contrast(after, await lab.visitor()),
        'A new id is given, but the old one is accepted too.',
      );
    }
    const renewed = await lab.ask({ title: 'The new id', cookie: raw, others: login.others, control: 'visitor' });
    return holds(lab.contrast(after, renewed), 'A new id is given, and the old one is refused.');
  },
};
