import type { Notice } from '../model/app.ts';
import type { PrivateAccess } from '../proxy/private-access/private-access.ts';

/** The same page and target are reported once in this time. Milliseconds. */
const QUIET = 10 * 60_000;
/** Notices within that: a page that scans ports must not fill the window. */
const MOST = 5;

/** Reports pages of the web that reach for this computer, each page and target once in a while. */
export class AccessNotices {
  readonly #clock: () => number;
  readonly #notify: (notice: Notice) => void;
  readonly #reported = new Map<string, number>();

  /** @param options.clock milliseconds since 1970 */
  constructor(options: { readonly clock: () => number; readonly notify: (notice: Notice) => void }) {
    this.#clock = options.clock;
    this.#notify = options.notify;
  }

  readonly report = ({ initiator, target, refused }: PrivateAccess): void => {
    const now = this.#clock();
    for (const [known, at] of this.#reported) if (now - at >= QUIET) this.#reported.delete(known);
    const name = `${initiator ?? ''} ${target}`;
    if (this.#reported.has(name) || this.#reported.size >= MOST) return;
    this.#reported.set(name, now);
    const who =
      initiator === undefined ? 'A page of another site that the browser does not name' : `A page of ${initiator}`;
    this.#notify({
      level: 'warning',
      kind: 'private-access',
      where: target,
      message: refused
        ? `${who} asked for ${target} and was answered 403: browsers refuse that without a proxy (local network access)`
        : `${who} asked for ${target}. Whether it is on the public web cannot be told, so it was let pass; without a proxy the browser might have refused it (local network access)`,
      ...(refused && initiator !== undefined
        ? {
            remedy:
              'If you trust the site, allow it in the proxy settings, under “Sites that may reach this computer”.',
          }
        : {}),
    });
  };
}
