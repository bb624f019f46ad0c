/** web.py's `session_parameters`, with its names. A Session copies them when it is made. */
export interface SessionParameters {
  /** Name of the cookie that carries the id; case counts. */
  cookie_name: string;
  /** `Domain=`; left out when empty. */
  cookie_domain: string | null;
  /** `Path=`; when empty the script name of the application + `/`. */
  cookie_path: string | null;
  /** `strict`, `lax` or `none` in any case; anything else is silently left out. */
  samesite: string | null;
  /** Seconds: age limit of the cleanup and the least time between two cleanups. A number, or what people write instead. */
  timeout: unknown;
  /** True: an unknown id means a new session. False: an unknown id means "expired". */
  ignore_expiry: boolean;
  /** False: a session is refused when its visitor comes from another address. */
  ignore_change_ip: boolean;
  /** Mixed into new ids, nothing else. */
  secret_key: unknown;
  /** Body of the answer to an expired session; bytes are sent as they are. */
  expired_message: unknown;
  httponly: boolean;
  secure: boolean;
}

/** web.py's defaults, a fresh object each time. */
export function defaultParameters(): SessionParameters {
  return {
    cookie_name: 'webpy_session_id',
    cookie_domain: null,
    cookie_path: null,
    samesite: null,
    timeout: 86400,
    ignore_expiry: true,
    ignore_change_ip: true,
    secret_key: 'fLjUfxqXtfNoIldA0A0J',
    expired_message: 'Session expired',
    httponly: true,
    secure: false,
  };
}
