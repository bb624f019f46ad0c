import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { databaseUrl, dotEnv, under } from '../settings-text.ts';

/** Where Laravel's `.env` says that sessions are. PHP's own server runs in `public`, below the application's folder. */
export function findLaravelStores(process: ProcessFacts): StoreCandidate[] {
  const base =
    process.list('storage/framework') !== undefined
      ? ''
      : process.list('../storage/framework') !== undefined
        ? '../'
        : undefined;
  if (base === undefined) return [];
  const env = dotEnv(process, `${base}.env`);
  const driver = env.SESSION_DRIVER ?? 'file';
  const reason = `SESSION_DRIVER=${driver} in .env`;
  if (driver === 'file') return [{ url: under(process, `${base}storage/framework/sessions`), reason }];
  if (driver === 'redis') {
    const login =
      env.REDIS_PASSWORD && env.REDIS_PASSWORD !== 'null' ? `:${encodeURIComponent(env.REDIS_PASSWORD)}@` : '';
    return [
      {
        url: `redis://${login}${env.REDIS_HOST || '127.0.0.1'}:${env.REDIS_PORT || '6379'}/${env.REDIS_CACHE_DB || '1'}`,
        reason,
      },
    ];
  }
  if (driver !== 'database') return [];
  const connection = env.DB_CONNECTION ?? 'sqlite';
  if (connection === 'sqlite')
    return [{ url: under(process, env.DB_DATABASE || `${base}database/database.sqlite`), reason }];
  const scheme = connection === 'pgsql' ? 'postgres' : /mysql|mariadb/.test(connection) ? 'mysql' : undefined;
  if (scheme === undefined) return [];
  const {
    DB_USERNAME: user = '',
    DB_PASSWORD: password = '',
    DB_HOST: host = '',
    DB_PORT: port = '',
    DB_DATABASE: name = 'laravel',
  } = env;
  return [{ url: databaseUrl(scheme, { user, password, host, port, name }), reason }];
}
