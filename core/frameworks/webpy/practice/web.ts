/** Everything that a program of web.py's tutorial imports, under one name: `import * as web from 'sessionscope/webpy'`. */
export * from '../session/webpy.ts';
export { type Database, type DatabaseParameters, database } from '../stores/database.ts';
export { DBStore } from '../stores/db-store.ts';
export { DiskStore } from '../stores/disk-store.ts';
export { MemoryStore } from '../stores/memory-store.ts';
