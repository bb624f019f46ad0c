import { diskKind } from './disk/disk-kind.ts';
import { memoryKind } from './memory/memory-kind.ts';
import { redisKind } from './redis/redis-kind.ts';
import { shelfKind } from './shelf/shelf-kind.ts';
import { mysqlKind, postgresKind } from './sql/server-kind.ts';
import { sqliteKind } from './sql/sqlite-kind.ts';
import type { StoreKind } from './store-kind.ts';

/** Every kind of store. A new one is a folder and a line here. */
export const KINDS = [
  diskKind,
  sqliteKind,
  postgresKind,
  mysqlKind,
  redisKind,
  shelfKind,
  memoryKind,
] as unknown as readonly StoreKind[];
