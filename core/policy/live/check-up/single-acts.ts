import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { cookieAfter, withFormFields } from '../log-out.ts';
import type { Answer } from '../ports.ts';
import { setCookieOf } from './cookie-attributes.ts';
import { cookieField } from './cookie-field.ts';
import { crossSiteHeaders, sentCrossSite } from './cross-site.ts';
import { textsOfRequest } from './request-texts.ts';
import { asksForPassword, outcomeOf, Responses, showOf } from './responses.ts';

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
    // A token may be good for one request only: each takes the one of a fresh page.
    const filled = async () => await withFormFields(lab, request, await lab.control());
    const ownTitle = 'Control: the request of the application itself';
    const own = new Responses(ownTitle, async () => showOf(lab, { title: ownTitle, ...(await filled()) }));
    await own.more();
    if (own.status === 0) return cannotTell('The request of the application itself is answered one way and another.');
    if (own.status >= 400) {
      return cannotTell(`The request of the application itself is answered with ${own.status}: it is not done at all.`);
    }
    const visitorTitle = 'Control: the same of a visitor';
    const visitor = new Responses(visitorTitle, async () =>
      showOf(lab, { title: visitorTitle, cookie: null, others: 'none', control: 'visitor', ...(await filled()) }),
    );
    if (await visitor.showsTheSameAs(own)) {
      return cannotTell(
        `The request is answered alike with the session and without (${own.status}): nothing shows that it was done.`,
      );
    }
    const field = await setCookieOf(lab);
    const sent =
      field === undefined
        ? 'some browsers'
        : sentCrossSite(cookieField(field, lab.ports.clock()), request.request.method);
    const foreignTitle = 'The request from a page of another site';
    const foreign = new Responses(foreignTitle, async () => {
      await lab.control();
      return await showOf(lab, {
        title: foreignTitle,
        request,
        headers: crossSiteHeaders(request.request),
        ...(sent === 'no' ? { cookie: null, others: 'none' as const } : {}),
      });
    });
    if (await foreign.showsTheSameAs(own)) {
      const where = sent === 'some browsers' ? ', in browsers that take a missing SameSite for None' : '';
      return doesNotHold(
        lab.contrast(foreign.against(visitor), visitor.against(foreign)),
        `A page of another site has it done in the name of the user${where}: it is answered as the application's own request is.`,
      );
    }
    const seen = foreign.against(own);
    return holds(
      lab.contrast(seen, own.against(foreign)),
      sent === 'no'
        ? 'The cookie is not sent from another site (SameSite), and without it the request is refused.'
        : `From another site the request is refused: ${seen.value}.`,
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
    control: 'What the verification shows before it; and the same request of a visitor.',
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
    const before = await lab.control();
    const texts = await textsOfRequest(lab, request);
    const filled = await withFormFields(lab, request, before);
    const title = 'Control: the change of a visitor';
    const visitor = await showOf(lab, { title, cookie: null, others: 'none', control: 'visitor', ...filled });
    const own = await showOf(lab, { title: 'The change, without the password', ...filled });
    const { status } = own.answer.observation;
    const shows = (where: Answer) => texts.find((text) => where.body.includes(text));
    const after = await lab.ask({ title: 'The verification after it' });
    const value = shows(after) ?? shows(own.page);
    if (value !== undefined && shows(before) === undefined && shows(visitor.page) === undefined && status < 400) {
      const where = shows(after) === undefined ? 'the page to which it leads' : 'the verification';
      return doesNotHold(
        lab.contrast(
          { title: 'The page after the change', value: `shows "${value}"` },
          { title: 'Control: before it, and for a visitor', value: `does not show "${value}"` },
        ),
        `The change is made without asking for the password: ${where} shows it.`,
      );
    }
    if (status === 0 || status >= 500) return cannotTell(`The change was answered with ${status}.`);
    const [mine, theirs] = [outcomeOf(own.answer), outcomeOf(visitor.answer)];
    if (mine === theirs) return cannotTell(`The change is answered alike with the session and without (${mine}).`);
    const seen = { title: own.answer.title, value: mine };
    if (asksForPassword(own)) {
      return holds(
        lab.contrast(
          { ...seen, value: `${mine}: a form that asks for a password` },
          {
            title: 'Control: the verification before it',
            value: asksForPassword({ answer: before, page: before })
              ? `${mine}: a form that asks for a password`
              : 'no such form',
          },
        ),
        'Before the change is made, the password is asked for.',
      );
    }
    if (status === 401 || status === 403) {
      return holds(
        lab.contrast(seen, { title, value: theirs }),
        `The change is refused without the password: ${mine}, where a visitor gets ${theirs}.`,
      );
    }
    return cannotTell(
      `The change was answered with ${mine}, and nothing shows whether it was made: let the verification show what it changes, and give it a value that was not there before.`,
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
    const ask = { ...session, control: 'visitor' as const };
    const pages = (title: string) =>
      new Responses(title, async () => {
        const answer = await lab.ask({ title, ...ask });
        return { answer, page: answer };
      });
    const was = pages('The session before it');
    // Twice as many as at least: afterwards there is no page of before to be had.
    await was.more();
    await was.more();
    const before = was.seen[0]?.answer ?? (await lab.control());
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
    if (raw === null) return cannotTell('The request itself ended the session.');
    const after = await lab.ask({ title: 'The id from before it, afterwards', ...session, control: 'visitor' });
    if (raw === login.raw) {
      if (after.outcome !== 'accepted') return cannotTell('The session is not accepted after it.');
      const is = pages('The id from before it, afterwards');
      await is.more();
      await is.more();
      if (is.looksLike(was)) {
        return cannotTell(
          `The id stayed the same, and nothing shows that the privileges changed (${outcomeOf(done)}): let the verification be a page that shows them.`,
        );
      }
      return doesNotHold(
        lab.contrast(is.against(was), was.against(is)),
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
