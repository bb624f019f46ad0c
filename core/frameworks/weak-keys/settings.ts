/** Which setting holds the key of a layer, and how a new one is made. */
interface KeySetting {
  readonly setting: string;
  /** Where it stands. */
  readonly file?: string;
  /** A command that prints a new key. */
  readonly make: string;
  /** The setting for keys that are still accepted while they are replaced. */
  readonly rotate?: string;
}

const PYTHON = 'python -c "import secrets; print(secrets.token_hex(32))"';
const NODE = 'node -p "crypto.randomBytes(32).toString(\'base64url\')"';
const OPENSSL = 'openssl rand -base64 48';
const RAILS: KeySetting = {
  setting: 'secret_key_base',
  file: 'config/credentials.yml.enc',
  make: 'bin/rails secret',
  rotate: 'config.action_dispatch.cookies_rotations',
};
const DJANGO: KeySetting = { setting: 'SECRET_KEY', file: 'settings.py', make: PYTHON, rotate: 'SECRET_KEY_FALLBACKS' };
const LARAVEL: KeySetting = {
  setting: 'APP_KEY',
  file: '.env',
  make: 'php artisan key:generate',
  rotate: 'APP_PREVIOUS_KEYS',
};

const BY_LAYER: Readonly<Record<string, KeySetting>> = {
  django: DJANGO,
  'django-legacy': DJANGO,
  itsdangerous: { setting: 'SECRET_KEY', make: PYTHON, rotate: 'SECRET_KEY_FALLBACKS' },
  laravel: LARAVEL,
  'laravel-prefix': LARAVEL,
  'message-encryptor': RAILS,
  'message-verifier': RAILS,
  'cookie-signature': { setting: 'secret', make: NODE, rotate: 'further secrets in its list' },
  keygrip: { setting: 'keys', make: NODE, rotate: 'further keys in its list' },
  iron: { setting: 'password', make: NODE, rotate: 'further passwords by number' },
  fernet: {
    setting: 'the Fernet key',
    make: 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
  },
  secretbox: { setting: 'key', make: NODE, rotate: 'further keys in its list' },
  'client-sessions': { setting: 'secret', make: NODE },
  authjs: { setting: 'AUTH_SECRET', file: '.env.local', make: 'npx auth secret' },
  tornado: { setting: 'cookie_secret', make: PYTHON, rotate: 'cookie_secret as a dict with key_version' },
  pyramid: { setting: 'secret', file: 'development.ini', make: PYTHON },
  bottle: { setting: 'secret', make: PYTHON },
  beaker: { setting: 'session.validate_key and session.encrypt_key', make: PYTHON },
  jws: { setting: 'the secret of the tokens', make: OPENSSL, rotate: 'a kid for each key' },
  jwe: { setting: 'the secret of the tokens', make: OPENSSL },
};

/** How to mend a key that is public, as one sentence. */
export function keySettingOf(layer: string): string {
  const known = BY_LAYER[layer.split(':', 1)[0] ?? ''] ?? { setting: 'the key', make: OPENSSL };
  const where = known.file === undefined ? '' : ` in ${known.file}`;
  const rotate =
    known.rotate === undefined
      ? 'sessions made with the old key end then'
      : `do not keep the old one in ${known.rotate}, since whoever knows it could go on making sessions`;
  return `Set ${known.setting}${where} to a random key (${known.make}); ${rotate}`;
}
