/** PostgreSQL URLs of operators, valid and invalid, with the expected message. */
import type { OperatedPostgres, PgBouncer } from '../../support/servers/postgres.ts'
import type { TestServer } from '../../support/servers/servers.ts'

export interface StoreServers {
  readonly postgres: OperatedPostgres
  readonly pgbouncer: PgBouncer
  readonly redis: TestServer
}

interface StoreRow {
  readonly id: string
  readonly name: string
  readonly input: (servers: StoreServers) => string
  readonly expected: string
}

export const at = (rest: string) => (servers: Pick<StoreServers, 'postgres'>) =>
  `postgres://${rest}`.replace('PORT', String(servers.postgres.server.port))

export const postgresTransports: readonly StoreRow[] = [
  {
    id: 'pg-socket-url',
    name: 'libpq: ?host= is a socket',
    input: ({ postgres }) => `postgresql:///owned?host=${postgres.sockets}&port=${postgres.server.port}&user=app`,
    expected: 'works',
  },
  {
    id: 'pg-socket-url',
    name: 'Cloud SQL: user and no host',
    input: ({ postgres }) => `postgresql://app:pw@/owned?host=${postgres.sockets}&port=${postgres.server.port}`,
    expected: 'works',
  },
  {
    id: 'B10-1',
    name: 'libpq: the socket as a percent-encoded host',
    input: ({ postgres }) => `postgresql://app@${encodeURIComponent(postgres.sockets)}:${postgres.server.port}/owned`,
    expected: 'works',
  },
  {
    id: 'B10-2',
    name: 'host and ?host=, of which the second counts',
    input: ({ postgres }) => `postgres://app@localhost/owned?host=${postgres.sockets}&port=${postgres.server.port}`,
    expected: 'works',
  },
  {
    id: 'B10-3',
    name: 'application_name, options and connect_timeout',
    input: at('app@127.0.0.1:PORT/owned?application_name=sso&options=-c%20search_path%3Dpublic&connect_timeout=10'),
    expected: 'works',
  },
  {
    id: 'B10-4',
    name: 'a password with percent-encoded characters',
    input: at('locked:right@127.0.0.1:PORT/owned'),
    expected: 'works',
  },
  {
    id: 'B10-5',
    name: 'no database: that of the user’s name',
    input: at('postgres@127.0.0.1:PORT'),
    expected: 'works',
  },
  {
    id: 'B10-6',
    name: 'Neon: channel_binding=require and sslmode=require',
    input: at('locked:right@localhost:PORT/owned?sslmode=require&channel_binding=require'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=prefer with TLS',
    input: at('tlsonly@localhost:PORT/owned?sslmode=prefer'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=allow, and the server wants TLS',
    input: at('tlsonly@localhost:PORT/owned?sslmode=allow'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=require takes any certificate',
    input: at('tlsonly@127.0.0.1:PORT/owned?sslmode=require'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-ca with the CA, whatever the host',
    input: (servers) =>
      at(`tlsonly@127.0.0.1:PORT/owned?sslmode=verify-ca&sslrootcert=${servers.postgres.ca}`)(servers),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full with the CA and the host',
    input: (servers) =>
      at(`tlsonly@localhost:PORT/owned?sslmode=verify-full&sslrootcert=${servers.postgres.ca}`)(servers),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full refuses another host',
    input: (servers) =>
      at(`tlsonly@127.0.0.1:PORT/owned?sslmode=verify-full&sslrootcert=${servers.postgres.ca}`)(servers),
    expected: 'is for another host',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full refuses an unknown CA',
    input: at('tlsonly@localhost:PORT/owned?sslmode=verify-full'),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-ca refuses another CA',
    input: (servers) =>
      at(`tlsonly@localhost:PORT/owned?sslmode=verify-ca&sslrootcert=${servers.postgres.otherCa}`)(servers),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'sslmode=require with a CA verifies it',
    input: (servers) =>
      at(`tlsonly@localhost:PORT/owned?sslmode=require&sslrootcert=${servers.postgres.otherCa}`)(servers),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'a CA file that is not there',
    input: at('tlsonly@localhost:PORT/owned?sslmode=verify-full&sslrootcert=/no/such.pem'),
    expected: 'the file of sslrootcert in storage.postgres cannot be read (ENOENT)',
  },
  { id: 'E7', name: 'sslmode=disable', input: at('app@localhost:PORT/owned?sslmode=disable'), expected: 'works' },
]

export const postgresCauses: readonly StoreRow[] = [
  {
    id: 'cli-database-password',
    name: 'a wrong password',
    input: at('locked:wrong@127.0.0.1:PORT/owned'),
    expected: 'refused the password of the user locked',
  },
  {
    id: 'cli-database-password',
    name: 'an unknown database',
    input: at('app@127.0.0.1:PORT/nosuch'),
    expected: 'the database nosuch does not exist',
  },
  {
    id: 'cli-database-password',
    name: 'nothing listens',
    input: () => 'postgres://app@127.0.0.1:1/owned',
    expected: 'does not listen at 127.0.0.1:1',
  },
  {
    id: 'B11-1',
    name: 'no password where one is needed',
    input: at('locked@127.0.0.1:PORT/owned'),
    expected: 'asks for a password of the user locked',
  },
  {
    id: 'B11-2',
    name: 'an unknown host',
    input: () => 'postgres://app@no-such-host.invalid/owned',
    expected: 'the host of PostgreSQL cannot be resolved (no-such-host.invalid:5432)',
  },
  {
    id: 'B11-3',
    name: 'TLS required',
    input: at('tlsonly@127.0.0.1:PORT/owned'),
    expected: 'over TLS only: add ?sslmode=require',
  },
  {
    id: 'B11-4',
    name: 'too many connections',
    input: at('crowd@127.0.0.1:PORT/owned'),
    expected: 'too many connections',
  },
  {
    id: 'B11-5',
    name: 'a read-only standby',
    input: at('app@127.0.0.1:PORT/followed'),
    expected: 'is a read-only standby',
  },
  {
    id: 'B11-6',
    name: 'an unknown role',
    input: at('nobody@127.0.0.1:PORT/owned'),
    expected: 'has no role for the user nobody',
  },
  {
    id: 'B11-7',
    name: 'no socket',
    input: () => 'postgres:///owned?host=/no/such/folder',
    expected: 'has no socket at /no/such/folder/.s.PGSQL.5432',
  },
  {
    id: 'B11-8',
    name: 'a Redis at the port',
    input: ({ redis }) => `postgres://app@127.0.0.1:${redis.port}/owned`,
    expected: 'PostgreSQL',
  },
  {
    id: 'B11-9',
    name: 'PgBouncer knows no such database',
    input: ({ pgbouncer }) => `postgres://app@127.0.0.1:${pgbouncer.port}/nosuch`,
    expected: 'the database nosuch does not exist',
  },
]
