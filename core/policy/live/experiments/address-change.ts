import { webAddress } from '../../../model/web-address.ts';
import type { Answer, Ask, LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** The same session from other addresses of this computer. */
export const addressChange: Experiment = {
  meta: {
    id: 'address-change',
    title: 'A session from another address is treated as the policy says',
    why: 'A cookie that was stolen is used from elsewhere; a telephone changes its address all the time.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-SESS-09'],
    // ASVS 5.0 has no requirement on the visitor's address.
    asvs: [],
  },
  async run(lab) {
    const answers: { address: string; answer: Answer }[] = [];
    for (const address of lab.settings.addresses) {
      if (lab.hasRecord) await lab.setRecord(0);
      const ask = fromAddress(lab, address);
      if (ask === undefined) continue;
      answers.push({ address, answer: await lab.ask(ask) });
    }
    const { addressMayChange } = lab.settings;
    const of = (outcome: Answer['outcome']) =>
      answers.filter(({ answer }) => answer.outcome === outcome).map(({ address }) => address);
    const accepted = of('accepted');
    const refused = of('refused');
    const unclear = of('unclear');
    if (accepted.length + refused.length + unclear.length === 0) {
      return cannotTell('The application could not be reached from any other address of this computer.');
    }
    const seen = new Set(answers.map(({ answer }) => lab.facts(answer.after).ip).filter((ip) => ip != null));
    const hidden =
      accepted.length > 1 && seen.size === 1
        ? ` The record says ${[...seen][0]} each time: something in between hides the visitor's address.`
        : '';
    if (addressMayChange) {
      if (refused.length > 0) return doesNotHold(`From ${list(refused)} the session is refused.`);
      if (unclear.length > 0) return cannotTell(`The answer from ${list(unclear)} could not be judged.`);
      return holds(`From ${list(accepted)} the session goes on.${hidden}`);
    }
    if (accepted.length > 0) return doesNotHold(`From ${list(accepted)} the session is accepted.${hidden}`);
    if (unclear.length > 0) return cannotTell(`The answer from ${list(unclear)} could not be judged.`);
    return holds(`From ${list(refused)} the session is refused.`);
  },
};

/** An address of the other family needs a URL of that family; undefined where there is none. */
function fromAddress(lab: LabContext, address: string): Ask | undefined {
  const title = `The same session from ${address}`;
  const url = webAddress(lab.ports.verification.request.url);
  const v6 = address.includes(':');
  const host = url.hostname;
  if (/(^|\.)localhost$/i.test(host) || (host.startsWith('[') ? v6 : /^[\d.]+$/.test(host) ? !v6 : false)) {
    return { title, localAddress: address };
  }
  if (host !== '127.0.0.1' && host !== '[::1]') return undefined;
  // The application is asked under its own name on the other loopback address, where it may listen too.
  const at = `${url.protocol}//${v6 ? '[::1]' : '127.0.0.1'}${url.port === '' ? '' : `:${url.port}`}`;
  const moved = at + url.pathname + url.search + url.hash;
  return { title, localAddress: address, url: moved, headers: { Host: url.host } };
}

function list(addresses: readonly string[]): string {
  return addresses.length < 2
    ? (addresses[0] ?? '')
    : `${addresses.slice(0, -1).join(', ')} and ${addresses.at(-1) ?? ''}`;
}
