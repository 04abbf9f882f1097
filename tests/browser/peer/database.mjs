// The database that DB_DIALECT and scripts/on-database name.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const DIALECT = process.env.DB_DIALECT ?? 'sqlite';

/** What NocoBase calls its schema, tables and columns. */
const NAMES = Object.fromEntries(
  ['DB_SCHEMA', 'DB_TABLE_PREFIX', 'DB_UNDERSCORED'].filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
);

/** An empty database, which NocoBase wants to find. That of SQLite is a file in `storage`. */
export function createDatabase(storage) {
  if (DIALECT === 'sqlite') {
    return { settings: { DB_DIALECT: DIALECT, DB_STORAGE: join(storage, 'db/nocobase.sqlite'), ...NAMES }, drop() {} };
  }
  const name = `nb_peer_${process.pid}_${Date.now().toString(36)}`;
  // MariaDB's own default has no room for Chinese.
  tell(`CREATE DATABASE ${name}${DIALECT === 'postgres' ? '' : ' CHARACTER SET utf8mb4'}`);
  const { DB_HOST, DB_PORT, DB_USER, DB_PASSWORD = '' } = process.env;
  return {
    settings: { DB_DIALECT: DIALECT, DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_DATABASE: name, ...NAMES },
    drop: () => tell(`DROP DATABASE IF EXISTS ${name}${DIALECT === 'postgres' ? ' WITH (FORCE)' : ''}`),
  };
}

function tell(statement) {
  const { DB_HOST, DB_PORT, DB_USER, DB_PASSWORD = '' } = process.env;
  if (DIALECT === 'postgres') {
    const env = { ...process.env, PGPASSWORD: DB_PASSWORD };
    execFileSync('psql', ['-q', '-h', DB_HOST, '-p', DB_PORT, '-U', DB_USER, '-c', statement, 'postgres'], { env });
  } else {
    const env = { ...process.env, MYSQL_PWD: DB_PASSWORD };
    execFileSync('mariadb', ['-h', DB_HOST, '-P', DB_PORT, '-u', DB_USER, '-e', statement], { env });
  }
}
