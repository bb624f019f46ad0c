import type { AgentLink, Introduction } from '../../core/engine/agent-service.ts';
import { joinEngine } from '../../core/engine/agent-socket.ts';
import type { Engine } from '../../core/engine/engine.ts';
import type { Host } from '../../core/engine/host.ts';
import { inBackground } from '../../core/model/failures.ts';

export type { AgentLink } from '../../core/engine/agent-service.ts';

export interface EngineLink {
  connect(who: Introduction): Promise<AgentLink>;
  close(): Promise<void>;
}

/**
 * The running engine of a data folder, or, where none runs, an engine of this process that others join in turn.

 */
export function joinOrStart(
  dataFolder: string,
  { version, onFailure, log }: Pick<Host, 'version' | 'onFailure' | 'log'>,
): EngineLink {
  let own: Promise<Engine> | undefined;
  const giveWay = (): void => {
    const engine = own;
    own = undefined;
    inBackground(
      'giving way to a window',
      Promise.resolve(engine).then((one) => one?.close()),
    );
  };
  const start = async (): Promise<Engine> => {
    const { createEngine } = await import('../../core/engine/engine.ts');
    return createEngine({ mode: 'web', version, dataFolder, agents: 'allow', giveWay, onFailure, log });
  };
  return {
    async connect(who) {
      const joined = own === undefined ? await joinEngine(dataFolder, who) : undefined;
      if (joined !== undefined) return joined;
      own ??= start();
      return (await own).agents.connect(who);
    },
    async close() {
      await (await own?.catch(() => undefined))?.close();
    },
  };
}
