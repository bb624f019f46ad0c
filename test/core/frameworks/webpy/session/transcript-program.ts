import { Application } from '../../../../../core/frameworks/webpy/session/application.ts';
import type { Config } from '../../../../../core/frameworks/webpy/session/config.ts';
import { Session } from '../../../../../core/frameworks/webpy/session/session.ts';
import { seeother } from '../../../../../core/frameworks/webpy/session/web-api.ts';
import { DiskStore } from '../../../../../core/frameworks/webpy/stores/disk-store.ts';

const URLS = ['count', 'reset', 'boom', 'redirect', 'gen', 'regenerate', 'kill_then_set', 'unpicklable', 'clear'];

/** The program that the transcripts were recorded from, on our own core. */
export function transcriptProgram(dir: string, config: Config, initializer: 'dict' | 'callable'): Application {
  class count {
    GET() {
      session.count += 1;
      return session.count;
    }
  }
  class reset {
    GET() {
      session.kill();
      return '';
    }
  }
  class boom {
    GET() {
      session.count = 77;
      throw new Error('handler failed');
    }
  }
  class redirect {
    GET() {
      session.count = 5;
      throw seeother('/count');
    }
  }
  class gen {
    GET() {
      session.count = 1;
      return (function* () {
        session.count = 99;
        yield 'a';
        yield 'b';
      })();
    }
  }
  class regenerate {
    async GET() {
      await session.store.delete(session.session_id);
      session.session_id = await session._generate_session_id();
      return 'new id';
    }
  }
  class kill_then_set {
    GET() {
      session.kill();
      session.count = 500;
      return 'killed';
    }
  }
  class unpicklable {
    GET() {
      session.f = () => 1;
      return 'x';
    }
  }
  class clear {
    GET() {
      session.clear();
      return 'x';
    }
  }
  const pages = { count, reset, boom, redirect, gen, regenerate, kill_then_set, unpicklable, clear };
  const app = new Application(
    URLS.flatMap((name) => [`/${name}`, name]),
    pages,
    config,
  );
  const values = initializer === 'dict' ? { count: 0 } : () => session.update({ count: 10 });
  const session = new Session(app, new DiskStore(dir, { clock: () => config.clock() }), values, config);
  return app;
}
