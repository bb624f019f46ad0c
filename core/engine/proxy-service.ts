import type { Breakpoints, HeldEnded, HeldInfo, ProxySettings, ProxySettingsChange } from '../model/proxy-settings.ts';
import type { Scope } from '../proxy/exchange.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';
import { createIntercept, type Intercept } from '../proxy/intercept/intercept.ts';
import type { Proxy as ProxyHandle, ProxyOptions, UpstreamTls } from '../proxy/options.ts';
import { AddressSpaces } from '../proxy/private-access/address-space.ts';
import { type PrivateAccess, privateAccessHooks } from '../proxy/private-access/private-access.ts';
import { createPac } from '../proxy/upstream/pac.ts';
import { type ConfigurableUpstream, createUpstream } from '../proxy/upstream/upstream.ts';
import { hostMatches, type UpstreamSettings } from '../proxy/upstream/upstream-settings.ts';
import type { SettingsTable } from '../workspace/settings-table.ts';
import type { KeyProtection } from './host.ts';
import { ProxyRules } from './proxy-rules.ts';
import { changedSettings, type KeptSettings, readSettings, tlsOf, treatmentOf, upstreamOf } from './proxy-settings.ts';
import { seal, unseal } from './secret-box.ts';

export interface ProxyServiceOptions {
  readonly table: Pick<SettingsTable, 'get' | 'set' | 'rules' | 'putRule' | 'removeRule'>;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly protectKey: KeyProtection | undefined;
  /** Reads the engine for PAC scripts where the sources are bundled. */
  readonly pacEngine: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** Entry of their thread where the sources are bundled. */
  readonly pacWorker: string | undefined;
  /** The ways out that the environment names; they count until the user sets an upstream proxy, or none. */
  readonly environment?: UpstreamSettings | undefined;
  readonly log: (line: string) => void;
  /** A page of the web reached for an address of this computer or its network. */
  readonly onPrivateAccess: (access: PrivateAccess) => void;
  readonly onHeld: (held: HeldInfo[], ended: HeldEnded | null) => void;
}

const SETTINGS = 'engine.proxy';
const BREAKPOINTS = 'engine.breakpoints';
const NO_BREAKPOINTS: Breakpoints = { breakpoints: [], timeLimitSeconds: 300 };

/**
 * What a user sets of the proxy: upstream proxies, scope, TLS of single hosts, rules, breakpoints. All of it is kept in
 * the workspace and takes effect at once, without a restart.
 */
export class ProxyService {
  readonly rules: ProxyRules;
  readonly intercept: Intercept;
  readonly upstream: ConfigurableUpstream;
  readonly #options: ProxyServiceOptions;
  readonly #access: ProxyHooks;
  #kept: KeptSettings;
  #tls: [pattern: string, tls: UpstreamTls][];
  #breakpoints: Breakpoints;
  #proxy: ProxyHandle | undefined;
  /** Whether the user set the way out; "direct" may be chosen, or nothing but the default. */
  #upstreamChosen: boolean;

  constructor(options: ProxyServiceOptions) {
    this.#options = options;
    const { table, clock, pacEngine, pacWorker, protectKey } = options;
    const stored = table.get(SETTINGS) as
      | { settings?: unknown; secrets?: unknown; upstreamChosen?: unknown }
      | undefined;
    this.#kept = readSettings(stored?.settings, unseal(stored?.secrets, protectKey));
    this.#tls = tlsOf(this.#kept);
    this.#upstreamChosen = stored?.upstreamChosen === true || this.#kept.settings.upstream.address !== 'direct';
    this.upstream = createUpstream(this.#ways(), {
      clock,
      tls: this.tls,
      ...(pacEngine === undefined ? {} : { pacEngine }),
      ...(pacWorker === undefined ? {} : { pacWorker }),
    });
    this.#access = privateAccessHooks({
      spaces: new AddressSpaces(clock),
      allowed: () => this.#kept.settings.localAccess,
      onAccess: options.onPrivateAccess,
    });
    this.rules = new ProxyRules({ table, newId: options.newId, log: options.log });
    this.#breakpoints = { ...NO_BREAKPOINTS, ...(table.get(BREAKPOINTS) as Partial<Breakpoints> | undefined) };
    this.intercept = createIntercept({ clock, timeLimit: () => this.#breakpoints.timeLimitSeconds * 1_000 });
    this.#applyBreakpoints();
    this.intercept.onHeld((held, end) =>
      options.onHeld(this.intercept.list(), end === undefined ? null : { id: held.id, end }),
    );
  }

  /** For the proxy's list, behind the recorder: what a rule changes is shown beside what was there before. */
  get hooks(): ProxyHooks[] {
    return [this.#access, this.upstream.hooks, this.rules.hooks, this.intercept.hooks];
  }

  /** What the proxy is started with. */
  get proxyOptions(): Pick<ProxyOptions, 'scope' | 'upstream' | 'tls'> {
    return { scope: this.#scope(), upstream: this.upstream, tls: this.tls };
  }

  readonly tls = (host: string, port: number): UpstreamTls | undefined =>
    this.#tls.find(([pattern]) => hostMatches(pattern, { host, port }))?.[1];

  /** The proxy to which changes are applied from now on. */
  attach(proxy: ProxyHandle): void {
    this.#proxy = proxy;
  }

  get settings(): ProxySettings {
    return this.#kept.settings;
  }

  /** Whether requests leave as the environment says. */
  get followsEnvironment(): boolean {
    return this.#options.environment !== undefined && !this.#upstreamChosen;
  }

  #ways(): UpstreamSettings {
    const set = upstreamOf(this.#kept);
    const { environment } = this.#options;
    if (environment === undefined || this.#upstreamChosen) return set;
    return { ...set, ...environment, bypass: [...(set.bypass ?? []), ...(environment.bypass ?? [])] };
  }

  /** Changes settings and applies them. @throws ProblemError when anything in the change is wrong; nothing is changed then */
  async change(change: ProxySettingsChange): Promise<ProxySettings> {
    const next = changedSettings(this.#kept, change);
    const { pacScript, address } = next.settings.upstream;
    if (change.upstream !== undefined && address === 'pac' && pacScript !== undefined) {
      const { pacEngine, pacWorker } = this.#options;
      const tried = await createPac(pacScript, { engineBytes: pacEngine, workerUrl: pacWorker });
      tried.close();
    }
    this.#kept = next;
    this.#tls = tlsOf(next);
    if (change.upstream !== undefined) this.#upstreamChosen = true;
    this.upstream.configure(this.#ways());
    this.#options.table.set(SETTINGS, {
      settings: next.settings,
      secrets: seal(next.secrets, this.#options.protectKey),
      upstreamChosen: this.#upstreamChosen,
    });
    if (change.scope !== undefined) this.#proxy?.setScope(this.#scope());
    if (change.upstream !== undefined || change.bypass !== undefined || change.tls !== undefined) {
      this.#proxy?.resetUpstream();
    }
    return next.settings;
  }

  get breakpoints(): Breakpoints {
    return this.#breakpoints;
  }

  /** Sets all breakpoints; messages that are held already stay held. */
  setBreakpoints(next: Breakpoints): Breakpoints {
    this.#breakpoints = next;
    this.#options.table.set(BREAKPOINTS, next);
    this.#applyBreakpoints();
    return next;
  }

  /** Lets everything go on that is held: the proxy is about to close. */
  close(): void {
    this.intercept.resumeAll();
    this.rules.close();
    this.upstream.close();
  }

  #applyBreakpoints(): void {
    this.intercept.setBreakpoints(this.#breakpoints.breakpoints.filter(({ enabled }) => enabled));
  }

  /** For one state of the settings: what the proxy asks while they are being changed must not be half of each. */
  #scope(): (host: string, port: number) => Scope {
    const { settings } = this.#kept;
    return (host, port) => treatmentOf(settings, host, port);
  }
}
