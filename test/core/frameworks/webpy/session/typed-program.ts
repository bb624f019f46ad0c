import { Application } from '../../../../../core/frameworks/webpy/session/application.ts';
import { makeConfig } from '../../../../../core/frameworks/webpy/session/config.ts';
import { type RunningServer, serve } from '../../../../../core/frameworks/webpy/session/http-server.ts';
import { Session } from '../../../../../core/frameworks/webpy/session/session.ts';
import type { Store } from '../../../../../core/frameworks/webpy/session/store.ts';
import { ctx } from '../../../../../core/frameworks/webpy/session/web-api.ts';
import type { TypedNode } from '../../../../../core/model/typed.ts';
import { loadValue, saveValue } from '../../../../../core/python/python-values.ts';

/** Our counterpart of `test/support/webpy/app_typed.py`. */
export async function serveTyped(store: Store, errors: unknown[]): Promise<RunningServer> {
  class data {
    GET() {
      return JSON.stringify(saveValue(session.copy()));
    }
    POST() {
      const before = saveValue(session.copy());
      session.update(loadValue(JSON.parse(Buffer.from(ctx.body).toString('utf8')) as TypedNode));
      return JSON.stringify({ before, after: saveValue(session.copy()) });
    }
  }
  class count {
    GET() {
      session.count += 1;
      return String(session.count);
    }
  }
  class reset {
    GET() {
      session.kill();
      return '';
    }
  }
  const config = makeConfig();
  const app = new Application(['/data', 'data', '/count', 'count', '/reset', 'reset'], { data, count, reset }, config);
  app.onError = (error) => errors.push(error);
  const session = new Session(app, store, { count: 0 }, config);
  return serve(app);
}
