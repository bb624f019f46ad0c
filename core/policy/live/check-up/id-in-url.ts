import { webAddress } from '../../../model/web-address.ts';
import { doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';

const LEAST_LENGTH = 12;

/** The id stands in no address, and is not taken from one. */
export const idInUrl: Experiment = {
  meta: {
    id: 'id-in-url',
    title: 'The session id stands in no address, and none is accepted from one',
    why: 'Addresses stand in logs, histories and the Referer field that other sites get.',
    cause: 'The id is sent as a parameter of the address instead of in the cookie.',
    act: 'The verification request without the cookie.',
    control: 'The same request without the parameter; and with the cookie.',
    severity: 'high',
    mend: 'Carry the id in the cookie only, and do not read it from addresses.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-04'],
    asvs: ['v5.0.0-14.2.1'],
  },
  async run(lab) {
    const { raw } = lab;
    if (raw.length < LEAST_LENGTH) return notApplicable('The id is too short to be looked for in pages.');
    const control = await lab.control();
    const where = [
      ...(control.observation.location?.includes(raw) === true ? ['the redirect target'] : []),
      ...(linksOf(control.body).some((link) => link.includes(raw)) ? ['a link of the page'] : []),
      ...(webAddress(control.flow.request.url).search.includes(raw) ? ['the address of the request'] : []),
    ];
    if (where.length > 0) {
      return doesNotHold(
        lab.contrast(
          { title: 'Addresses with the id', value: where.join(', ') },
          { title: 'Control: addresses of a page that carries the id in the cookie', value: 'none' },
        ),
        `The id of the session stands in ${where.join(' and ')}.`,
      );
    }
    const { origin, pathname, search } = webAddress(lab.ports.verification.request.url);
    const { name } = lab.ports.cookie;
    const tried = [
      `${origin}${pathname}${search === '' ? '?' : `${search}&`}${name}=${raw}`,
      `${origin}${pathname};${name}=${raw}${search}`,
      `${origin}${pathname};jsessionid=${raw}${search}`,
    ];
    let refused: Awaited<ReturnType<typeof lab.ask>> | undefined;
    for (const url of tried) {
      const answer = await lab.ask({ title: 'The id in the address, without the cookie', url, cookie: null });
      if (answer.outcome === 'accepted') {
        return doesNotHold(
          lab.contrast(answer, await lab.visitor()),
          'An id in the address is accepted without the cookie: a link plants a session, and addresses give it away.',
        );
      }
      if (answer.outcome === 'refused') refused ??= answer;
    }
    if (refused === undefined) return notApplicable('No address with the id in it could be asked.');
    return holds(
      lab.contrast(refused, control),
      'The id stands in no address of the page, and none is accepted from one.',
    );
  },
};

function linksOf(html: string): string[] {
  return [...html.matchAll(/\b(?:href|src|action)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi)].map(([, link = '']) => link);
}
