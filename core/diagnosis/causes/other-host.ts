import type { Cause } from '../cause.ts';
import { nameOf, requestOf, sentLine } from '../evidence.ts';
import { isTwinHost, sentValues } from '../loss.ts';

export const otherHost: Cause = {
  id: 'other-host',
  title: 'Another name of the same host',
  why: 'localhost, 127.0.0.1 and [::1], with and without www., are different hosts to a browser, each with its own cookies.',
  tell: 'The cookie was set for one name, and the page was opened under another name of the same server.',
  remedy: 'Use one name everywhere: in links, redirects, the address bar and the settings of the application.',
  explain(facts, loss) {
    if (!('in' in loss) || (loss.kind !== 'not-sent' && loss.kind !== 'not-stored')) return undefined;
    const { name, value } = facts.subject;
    const here = loss.in.address;
    const twin = facts.exchanges.findLast(({ address, at }) => at < loss.at && isTwinHost(address.host, here.host));
    if (twin === undefined) return undefined;
    const knows =
      sentValues(twin, name).includes(value) || twin.set.some((one) => one.name === name && one.value === value);
    if (!knows) return undefined;
    return {
      certainty: 'certain',
      sentence: `The session belongs to ${twin.address.hostname}, and this page was opened as ${here.hostname}: to a browser these are two hosts.`,
      evidence: [
        requestOf(twin, `${nameOf(twin)} at ${twin.address.origin}`, sentLine(twin, name)),
        requestOf(loss.in, `${nameOf(loss.in)} at ${here.origin}`, sentLine(loss.in, name)),
      ],
    };
  },
};
