/** A store URL taken apart. Paths are absolute. */
export type StoreAddress =
  | { readonly kind: 'disk'; readonly path: string; readonly as?: string }
  | SqliteAddress
  | ServerAddress
  | { readonly kind: 'shelf'; readonly path: string }
  /** Stores of this process, found again by name. */
  | { readonly kind: 'memory'; readonly name: string }
  | RedisAddress;

/** Which table it is, and how it is laid out where its columns do not say it. */
export interface TableChoice {
  readonly table: string;
  /** Zone of the application (`Asia/Shanghai`), where it differs from this program's and the clock is a wall clock. */
  readonly zone?: string;
  /** Id of a layout. */
  readonly as?: string;
  /** Columns that the user names, for a table that no layout fits. */
  readonly columns?: {
    readonly id: string;
    readonly data: string;
    readonly lastUsed?: string;
    readonly expires?: string;
  };
}

export interface SqliteAddress extends TableChoice {
  readonly kind: 'sqlite';
  readonly path: string;
}

/** How a connection is encrypted. `require`: whatever the certificate; `verify-ca`: whatever its name. Absent: not. */
export type Tls = 'require' | 'verify-ca' | 'verify';

/** A table on a database server. */
export interface ServerAddress extends TableChoice {
  readonly kind: 'postgres' | 'mysql';
  /** A name or address; for PostgreSQL also the folder of its socket. */
  readonly host: string;
  readonly port: number;
  /** MySQL's socket file. */
  readonly socket?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database: string;
  readonly ssl?: Tls;
}

/** A server that speaks Redis' protocol. */
export interface RedisAddress {
  readonly kind: 'redis';
  readonly host: string;
  readonly port: number;
  /** A socket file instead of host and port. */
  readonly socket?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database: number;
  /** What the keys of the sessions begin with; found by looking where absent. */
  readonly prefix?: string;
  readonly as?: string;
  readonly ssl?: Tls;
}
