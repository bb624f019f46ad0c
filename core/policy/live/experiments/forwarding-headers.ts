import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import type { Answer, Ask } from '../ports.ts';
import { withText } from '../record-facts.ts';
import { fromAddress } from './addresses.ts';

/** An address for documentation (RFC 5737): nobody's. */
const FOREIGN = '203.0.113.7';

type Header = readonly [name: string, value: (address: string) => string];
const same = (address: string) => address;

/** Every field by which proxies, balancers and content delivery networks name the visitor's address. */
export const FORWARDING: readonly Header[] = [
  ['X-Forwarded-For', same],
  ['Forwarded', (address) => (address.includes(':') ? `for="[${address}]"` : `for=${address}`)],
  ['X-Real-IP', same],
  ['X-Client-IP', same],
  ['Client-IP', same],
  ['True-Client-IP', same],
  ['CF-Connecting-IP', same],
  ['CF-Connecting-IPv6', same],
  ['Fastly-Client-IP', same],
  ['X-Cluster-Client-IP', same],
  ['X-Original-Forwarded-For', same],
  ['X-Forwarded', (address) => `for=${address}`],
  ['Forwarded-For', same],
  ['X-Remote-IP', same],
  ['X-Remote-Addr', same],
  ['X-Originating-IP', same],
  ['X-ProxyUser-Ip', same],
  ['X-Envoy-External-Address', same],
  ['X-Azure-ClientIP', same],
  ['X-Azure-SocketIP', same],
  ['X-AppEngine-User-IP', same],
  ['Fly-Client-IP', same],
  ['WL-Proxy-Client-IP', same],
  ['Proxy-Client-IP', same],
  ['Via-Client-IP', same],
];

/** Headers in which a visitor claims another address. */
export const forwardingHeaders: Experiment = {
  meta: {
    id: 'forwarding-headers',
    severity: 'medium',
    mend: 'Take the address from the connection, or from the entry that your own proxy appended.',
    title: 'Forwarding headers of the visitor are not believed',
    why: 'Anybody can write X-Forwarded-For: an address check that believes it can be walked around.',
    cause: `The request claims another address in ${FORWARDING.length} header fields, all at once; then by halves.`,
    act: 'The verification request with the cookie of the session.',
    control: 'The same request without them; and one that really comes from another address, which must show.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-09'],
    asvs: ['v5.0.0-4.1.3'],
  },
  async run(lab) {
    const control = await lab.control('Control: the session without forwarding headers');
    const ownIp = lab.facts(control.after).ip;
    const claim = async (headers: readonly Header[], address: string, more: Partial<Ask> = {}) =>
      await lab.ask({
        ...more,
        title: `${more.title ?? ''}${headers.length === 1 ? headers[0]?.[0] : `${headers.length} forwarding headers`}: ${address}`,
        headers: { ...more.headers, ...Object.fromEntries(headers.map(([name, value]) => [name, value(address)])) },
        ...(lab.hasRecord ? { prepare: () => lab.setRecord(0) } : {}),
      });
    const claimed = (answer: Answer) => lab.facts(answer.after).ip === FOREIGN;
    const all = await claim(FORWARDING, FOREIGN);
    if (all.outcome === 'refused') {
      const { header, answer } = await narrowed(
        FORWARDING,
        (some) => claim(some, FOREIGN),
        (one) => one.outcome === 'refused',
      );
      const last = await lab.control('Control: the session without them, again');
      return doesNotHold(
        lab.contrast(answer ?? all, last),
        `With ${header} of another address the session is refused: it is believed.`,
      );
    }
    if (all.outcome !== 'accepted') {
      return cannotTell(`The response with forwarding headers could not be judged: ${all.judgement.because}.`);
    }
    if (claimed(all)) {
      const { header } = await narrowed(FORWARDING, (some) => claim(some, FOREIGN), claimed);
      return doesNotHold(
        lab.contrast(
          { title: `The record's ip with ${header}: ${FOREIGN}`, value: FOREIGN },
          { title: "The record's ip without it", value: String(ownIp) },
        ),
        `After ${header}: ${FOREIGN} the record says ip ${FOREIGN}: it is believed.`,
      );
    }
    return await fromElsewhere(lab, all, ownIp, claim);
  },
};

/** The other way round: from elsewhere, claiming the address of the session's owner. */
async function fromElsewhere(
  lab: LabContext,
  all: Answer,
  ownIp: string | null | undefined,
  claim: (headers: readonly Header[], address: string, more?: Partial<Ask>) => Promise<Answer>,
): Promise<Finding> {
  const address = lab.settings.addresses.find((one) => !one.includes(':'));
  const from = address === undefined ? undefined : fromAddress(lab, address);
  const plain =
    from === undefined
      ? undefined
      : await lab.ask({
          title: `From ${address}`,
          ...from,
          ...(lab.hasRecord ? { prepare: () => lab.setRecord(0) } : {}),
        });
  if (plain?.outcome === 'refused') {
    // As the application writes it, too: behind a socket of both families that is ::ffff:127.0.0.1.
    for (const owner of new Set(['127.0.0.1', ownIp ?? '127.0.0.1'])) {
      const more = { ...from, title: `From ${address} with ` };
      const answer = await claim(FORWARDING, owner, more);
      if (answer.outcome === 'accepted') {
        const { header, answer: one } = await narrowed(
          FORWARDING,
          (some) => claim(some, owner, more),
          (each) => each.outcome === 'accepted',
        );
        return doesNotHold(
          lab.contrast(one ?? answer, plain),
          `From ${address} the session is refused, but with ${header}: ${owner} it is accepted.`,
        );
      }
      if (answer.outcome !== 'refused') {
        return cannotTell(`The response from ${address} with forwarding headers could not be judged.`);
      }
    }
    return holds(
      lab.contrast(all, plain),
      `Really from ${address} the session is refused; ${FORWARDING.length} forwarding headers of the visitor change nothing.`,
    );
  }
  const seen = plain === undefined ? undefined : lab.facts(plain.after).ip;
  if (plain?.outcome === 'accepted' && typeof seen === 'string' && seen !== ownIp && typeof ownIp === 'string') {
    return holds(
      lab.contrast(
        { title: `The record's ip with ${FORWARDING.length} forwarding headers of ${FOREIGN}`, value: ownIp },
        { title: `The record's ip really from ${address}`, value: seen },
      ),
      `${FORWARDING.length} forwarding headers of the visitor change nothing: the record says ip ${ownIp}, and really from ${address} ${seen}.`,
    );
  }
  if (typeof seen === 'string' && seen === ownIp) {
    const follows = lab.facts().isWebpy ? await ipFollows(lab, all, ownIp) : undefined;
    if (follows !== undefined) return follows;
    return cannotTell(
      `The record says ip ${seen} for a request from ${address} too: something in between hides the visitor's address, ` +
        'and the forwarding headers of the visitor do not change it.',
    );
  }
  return cannotTell(
    'The session is accepted with them, but neither record nor responses show which address the application sees.',
  );
}

/**
 * Something in between hides the visitor's address from the application. Whether the record shows the address that the
 * application sees is found out by writing another one into it: it is renewed, or the session is refused.
 */
async function ipFollows(lab: LabContext, all: Answer, ownIp: string): Promise<Finding | undefined> {
  const wrong = '192.0.2.1';
  const edited = await lab.ask({
    title: `The record with ip ${wrong}`,
    prepare: async () => {
      const { base } = lab;
      if (base !== undefined) await lab.setRecord(0, withText(base.bytes, 'ip', wrong, lab.facts().layers));
    },
  });
  const words = `${FORWARDING.length} forwarding headers of the visitor change nothing: the record goes on saying ip ${ownIp}, which something in between shows for every visitor.`;
  if (edited.outcome === 'refused' && !edited.failed) return holds(lab.contrast(all, edited), words);
  const renewed = lab.facts(edited.after).ip;
  if (edited.outcome !== 'accepted' || renewed !== ownIp) return undefined;
  return holds(
    lab.contrast(
      {
        title: `The record's ip after a request with ${FORWARDING.length} forwarding headers of ${FOREIGN}`,
        value: ownIp,
      },
      { title: 'What they claimed, which the application would have written as it wrote its own', value: FOREIGN },
    ),
    words,
  );
}

/** The one header that does it, by halves; several names where none does it alone. */
async function narrowed(
  headers: readonly Header[],
  claim: (some: readonly Header[]) => Promise<Answer>,
  does: (answer: Answer) => boolean,
): Promise<{ header: string; answer?: Answer }> {
  let some = headers;
  let answer: Answer | undefined;
  while (some.length > 1) {
    const half = some.slice(0, some.length >> 1);
    const rest = some.slice(some.length >> 1);
    const first = await claim(half);
    if (does(first)) [some, answer] = [half, first];
    else {
      const second = await claim(rest);
      if (!does(second))
        return { header: some.map(([name]) => name).join(' together with '), ...(answer && { answer }) };
      [some, answer] = [rest, second];
    }
  }
  return { header: some[0]?.[0] ?? '', ...(answer && { answer }) };
}
