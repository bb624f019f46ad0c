import { PyValue } from '../../../python/python-values.ts';
import { Application } from '../session/application.ts';
import type { Config } from '../session/config.ts';
import { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import { cookies, header, input, seeother } from '../session/web-api.ts';
import { PEOPLE, practicePage } from './practice-page.ts';

/** The count and reset program of web.py's session tutorial, with a login that gives the session a new id. */
export function practiceApplication(store: Store, config: Config): Application {
  /** A new id at login, so that an id that somebody planted before is worth nothing (session fixation). */
  async function login(user: string): Promise<void> {
    await session.store.delete(session.session_id);
    session.session_id = await session._generate_session_id();
    session.user = user;
    session.since = new Date(config.clock());
  }

  /** What a button asks for. */
  async function act(): Promise<void> {
    const [action, user] = String(input({ do: '' }).get('do')).split(':');
    if (action === 'count') session.count = (session.get('count', 0) as number) + 1;
    else if (action === 'reset' || action === 'logout') await session.kill();
    else if (action === 'login' && user !== undefined && PEOPLE.includes(user)) await login(user);
  }

  class home {
    GET(): string {
      header('Content-Type', 'text/html; charset=utf-8');
      header('Cache-Control', 'no-store');
      header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
      const { cookie_name: cookieName } = session._config;
      return practicePage({
        count: session.get('count', 0) as number,
        user: (session.get('user') as string | undefined) ?? null,
        since: sinceText(session.get('since')),
        sessionId: session.session_id,
        cookieName,
        cookieSent: cookies().get(cookieName) === session.session_id,
      });
    }

    /** The buttons. Each leads back to the page, so that reloading it repeats nothing. */
    async POST(): Promise<string> {
      await act();
      throw seeother('/');
    }
  }

  class enter {
    /** The button to log in: a path by which every tool knows a login. */
    async POST(): Promise<string> {
      await act();
      throw seeother('/');
    }
  }

  class count {
    GET(): string {
      session.count += 1;
      return String(session.count);
    }
  }

  class reset {
    GET(): string {
      session.kill();
      return '';
    }
  }

  class signIn {
    async GET(user: string): Promise<string> {
      if (!PEOPLE.includes(user)) return `nobody is called ${user}`;
      await login(user);
      return `hello ${user}`;
    }
  }

  class logout {
    async GET(): Promise<string> {
      await session.kill();
      return 'bye';
    }

    async POST(): Promise<string> {
      await act();
      throw seeother('/');
    }
  }

  class whoami {
    GET(): unknown {
      return session.get('user', 'anonymous');
    }
  }

  const urls = [
    '/',
    'home',
    '/count',
    'count',
    '/reset',
    'reset',
    '/login',
    'enter',
    '/login/(\\w+)',
    'signIn',
    '/logout',
    'logout',
  ];
  const app = new Application(
    [...urls, '/whoami', 'whoami'],
    { home, enter, count, reset, signIn, logout, whoami },
    config,
  );
  const session = new Session(app, store, { count: 0 }, config);
  return app;
}

/** A datetime comes back from the store as a value of Python's. */
function sinceText(since: unknown): string | null {
  if (since instanceof Date) return since.toISOString();
  return since instanceof PyValue && 'v' in since.node ? String(since.node.v) : null;
}
