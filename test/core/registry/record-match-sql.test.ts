import mysql from 'mysql2/promise';
import pg from 'pg';
import { expect, it } from 'vitest';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { joinRecord } from '../../../core/registry/record-match.ts';
import { needs } from '../../support/needs.ts';
import { HEX, record } from '../../support/registry-harness.ts';
import { startMariadb, startPostgres } from '../../support/servers.ts';

const A = HEX('a');
const TEXT = Buffer.from(record(A, { count: 1 })).toString('latin1');

needs('postgres')('a PostgreSQL table', () => {
  it('pads its ids; the record is found by the id of the cookie and called by it', async () => {
    const server = await startPostgres();
    const client = new pg.Client({ connectionString: server.url });
    try {
      await client.connect();
      await client.query(
        'CREATE TABLE sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL, data text)',
      );
      await client.query('INSERT INTO sessions VALUES ($1, now(), $2)', [A, TEXT]);
      const store = await openRecordStore(`${server.url}?table=sessions`);
      expect(await joinRecord(store, { id: A, raw: A })).toMatchObject({ record: { id: A }, how: 'the id itself' });
      expect(await joinRecord(store, { id: A.toUpperCase(), raw: A.toUpperCase() })).toBeUndefined();
      for (const id of ['x'.repeat(500), '\0', '\ud800', '😀', 'é', `${A}'; --`]) {
        expect(await joinRecord(store, { id, raw: id }), id).toBeUndefined();
      }
      await store.close();
    } finally {
      await client.end();
      await server.stop();
    }
  });
});

needs('mariadb')('a MariaDB table', () => {
  it('folds the case of ids; the record is found by the id in capitals and called by its own', async () => {
    const server = await startMariadb();
    const client = await mysql.createConnection(server.url);
    try {
      await client.query(
        'CREATE TABLE sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL, data text)',
      );
      await client.query('INSERT INTO sessions VALUES (?, now(), ?)', [A, TEXT]);
      const store = await openRecordStore(`${server.url}?table=sessions`);
      const capitals = { id: A.toUpperCase(), raw: A.toUpperCase() };
      expect(await joinRecord(store, { id: A, raw: A })).toMatchObject({ record: { id: A }, how: 'the id itself' });
      expect(await joinRecord(store, capitals)).toMatchObject({
        record: { id: A },
        how: 'the id itself, in other letter case',
      });
      for (const id of [HEX('b'), '\0', '\ud800', '😀', 'é', "' OR 1=1 --"]) {
        expect(await joinRecord(store, { id, raw: id }), id).toBeUndefined();
      }
      await store.close();
    } finally {
      await client.end();
      await server.stop();
    }
  });
});
