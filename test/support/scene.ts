import { BrowserJar } from '../../core/cookies/jar.ts';
import type { Facts, RecordFact, Rules, Subject } from '../../core/diagnosis/facts.ts';
import { readExchange } from '../../core/diagnosis/read-exchanges.ts';
import type { Flow } from '../../core/model/flow.ts';

export interface Step {
  readonly method?: string;
  readonly status?: number;
  readonly set?: readonly string[];
  readonly location?: string;
  readonly body?: string;
  readonly type?: string;
  /** Request headers besides Cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Response headers besides Set-Cookie and Location. */
  readonly answer?: Readonly<Record<string, string>>;
  /** Instead of what the jar would send; '' for none. */
  readonly cookie?: string;
  /** Milliseconds since the scene began; default one second after the step before. */
  readonly at?: number;
  /** How long the answer takes, in milliseconds. */
  readonly takes?: number;
  readonly error?: string;
  readonly client?: string;
  readonly site?: 'same-site' | 'cross-site';
  readonly topLevel?: boolean;
  /** The browser does not get this answer: its jar stays as it is. */
  readonly notReceived?: boolean;
}

const START = 1_700_000_000_000;

/** A visitor with a browser's jar, who goes from page to page of an application that answers as told. */
export class Scene {
  readonly #jar = new BrowserJar();
  readonly #pending: { at: number; url: string; set: readonly string[]; step: Step }[] = [];
  readonly flows: { flow: Flow; body: string }[] = [];
  #now = 0;

  /** One request and its answer; gives the id of the flow. */
  go(url: string, step: Step = {}): string {
    this.#now = step.at ?? this.#now + 1000;
    const at = START + this.#now;
    this.#receive(at);
    const context = {
      url,
      at,
      method: step.method ?? 'GET',
      site: step.site ?? 'same-site',
      topLevel: step.topLevel ?? true,
    } as const;
    const cookie = step.cookie ?? this.#jar.header(context);
    const takes = step.takes ?? 20;
    const id = `f${this.flows.length + 1}`;
    const { status = step.location === undefined ? 200 : 302 } = step;
    const list = (headers: Readonly<Record<string, string>> = {}) => Object.entries(headers).flat();
    const set = step.set ?? [];
    this.flows.push({
      body: step.body ?? '',
      flow: {
        id,
        startedAt: at,
        ...(status === 0 ? {} : { endedAt: at + takes }),
        client: { address: step.client ?? '127.0.0.1', port: 40_000 },
        request: {
          method: step.method ?? 'GET',
          url,
          httpVersion: '1.1',
          rawHeaders: [...list(step.headers), ...(cookie === undefined || cookie === '' ? [] : ['Cookie', cookie])],
          body: { size: 0, kept: 0 },
        },
        ...(status === 0
          ? {}
          : {
              response: {
                status,
                reason: '',
                httpVersion: '1.1',
                rawHeaders: [
                  ...['Content-Type', step.type ?? 'text/html'],
                  ...(step.location === undefined ? [] : ['Location', step.location]),
                  ...set.flatMap((value) => ['Set-Cookie', value]),
                  ...list(step.answer),
                ],
                body: { size: 0, kept: 0 },
              },
            }),
        ...(step.error === undefined ? {} : { error: step.error }),
        kind: 'http',
      },
    });
    if (step.notReceived !== true) this.#pending.push({ at: at + takes, url, set, step });
    return id;
  }

  /** The browser is closed and opened again: cookies without an end are gone. */
  restart(): void {
    this.#receive(Number.POSITIVE_INFINITY);
    for (const { name, expires } of this.#jar.cookies) if (expires === undefined) this.#jar.remove(name);
  }

  at(ms: number): number {
    return START + ms;
  }

  facts(
    subject: Partial<Subject> & Pick<Subject, 'value'>,
    more: Partial<Omit<Facts, 'subject' | 'rules'>> & { rules?: Rules } = {},
  ): Facts {
    return {
      subject: { name: 'sid', host: 'shop.test', ...subject },
      exchanges: this.flows.map(({ flow, body }) => readExchange(flow, body)),
      others: [],
      records: [] as RecordFact[],
      browser: [],
      rules: {},
      ...more,
    };
  }

  #receive(until: number): void {
    for (const answer of this.#pending.splice(0).sort((a, b) => a.at - b.at)) {
      if (answer.at > until) {
        this.#pending.push(answer);
        continue;
      }
      this.#jar.setAll(answer.set, {
        url: answer.url,
        at: answer.at,
        site: answer.step.site ?? 'same-site',
        topLevel: answer.step.topLevel ?? true,
      });
    }
  }
}
