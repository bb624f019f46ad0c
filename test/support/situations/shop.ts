import { randomBytes } from 'node:crypto';
import { type Application, type Asked, LOGIN_PAGE, page, type Replied, type Visitor, type World } from './world.ts';

export interface ShopOptions {
  readonly host?: string;
  readonly cookie?: string;
  /** Attributes of the session cookie, as written. */
  readonly attributes?: string;
  /** Answers first; undefined: the shop answers. */
  readonly first?: (asked: Asked, shop: Shop) => Replied | undefined | Promise<Replied | undefined>;
  /** Added to every Set-Cookie of the login. */
  readonly also?: readonly string[];
}

/** An application with a login, whose sessions are in its memory. */
export class Shop {
  readonly cookie: string;
  readonly origin: string;
  /** Ids that are logged in. */
  readonly alive = new Set<string>();
  /** The id of the last login. */
  last = '';
  readonly #options: ShopOptions;

  constructor(world: World, options: ShopOptions = {}) {
    this.#options = options;
    this.cookie = options.cookie ?? 'sessionid';
    this.origin = world.site(options.host ?? 'shop.test', this.answer);
  }

  readonly answer: Application = async (asked) => {
    const special = await this.#options.first?.(asked, this);
    if (special !== undefined) return special;
    if (asked.path.startsWith('/login')) return asked.method === 'POST' ? this.logIn() : { body: LOGIN_PAGE };
    return this.isIn(asked) ? { body: page('Hello alice') } : { status: 302, headers: { Location: '/login' } };
  };

  isIn(asked: Asked): boolean {
    return this.alive.has(asked.cookie(this.cookie) ?? '');
  }

  logIn(): Replied {
    this.last = newId();
    this.alive.add(this.last);
    return { status: 302, headers: { Location: '/' }, set: [this.set(this.last), ...(this.#options.also ?? [])] };
  }

  /** The Set-Cookie of the session. */
  set(value: string, attributes = this.#options.attributes ?? '; Path=/; HttpOnly'): string {
    return `${this.cookie}=${value}${attributes}`;
  }

  /** Logs a visitor in by the form and looks at a page. Gives the id. */
  async enter(visitor: Visitor): Promise<string> {
    await visitor.go(`${this.origin}/login`);
    await visitor.post(`${this.origin}/login`, { user: 'alice', password: 'secret' });
    await visitor.go(`${this.origin}/orders`);
    return this.last;
  }
}

export function newId(): string {
  return randomBytes(16).toString('hex');
}
