import type { RequestOf } from '../../../../core/bridge/contract.ts';

type Ask = RequestOf<'flow.replay'>;

/** What a user chooses beside cookies and source address. */
export interface ReplayChoice {
  readonly method: string;
  readonly url: string;
  readonly bodyKind: 'recorded' | 'none' | 'text';
  readonly body: string;
  readonly times: string;
  readonly parallel: string;
  readonly forwarding: 'recorded' | 'none' | 'address';
  readonly forwardedFor: string;
  readonly redirects: boolean;
  readonly followCookies: boolean;
}

export function replayChoice(method: string, url: string): ReplayChoice {
  return {
    method,
    url,
    bodyKind: 'recorded',
    body: '',
    times: '1',
    parallel: '1',
    forwarding: 'recorded',
    forwardedFor: '',
    redirects: false,
    followCookies: false,
  };
}

/** Only what differs from the recorded request. */
export function replayAskOf(choice: ReplayChoice, recorded: { method: string; url: string }): Omit<Ask, 'id'> {
  const times = whole(choice.times, 1_000);
  const parallel = whole(choice.parallel, 50);
  return {
    ...(choice.method.trim() === recorded.method ? {} : { method: choice.method.trim() }),
    ...(choice.url.trim() === recorded.url ? {} : { url: choice.url.trim() }),
    ...(choice.bodyKind === 'recorded' ? {} : { body: choice.bodyKind === 'none' ? null : { text: choice.body } }),
    ...(times === 1 ? {} : { times }),
    ...(parallel === 1 ? {} : { parallel }),
    ...(choice.forwarding === 'recorded'
      ? {}
      : {
          forwardingHeaders: choice.forwarding === 'none' ? ('none' as const) : { address: choice.forwardedFor.trim() },
        }),
    ...(choice.redirects ? { followRedirects: true } : {}),
    ...(choice.redirects && choice.followCookies ? { followCookies: true } : {}),
  };
}

function whole(text: string, most: number): number {
  const number = Math.floor(Number(text));
  return Number.isFinite(number) ? Math.min(most, Math.max(1, number)) : 1;
}
