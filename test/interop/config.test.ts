// biome-ignore-all lint/style/useTemplate: a dollar and a brace of YAML are no template
/**
 * Store and secret settings from bug reports of other products: accepted, or rejected with a fix.
 */
import { describe, expect, it } from 'vitest'
import { readRedisUrl } from '../../src/primitives/redis-url.ts'
import { gatehouse, gatehouseFaults } from '../support/gatehouse/config-folder.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly postgres?: string
  readonly redis?: string
  /** Empty: accepted. */
  readonly expected: string
}

const rows: readonly Row[] = [
  {
    id: 'pg-socket-url',
    name: 'libpq: a socket by ?host=',
    postgres: 'postgresql:///owned?host=/var/run/postgresql&user=app',
    expected: '',
  },
  {
    id: 'pg-socket-url',
    name: 'Cloud SQL',
    postgres: 'postgresql://app:pw@/owned?host=/cloudsql/project:region:instance',
    expected: '',
  },
  {
    id: 'B10',
    name: 'a percent-encoded socket',
    postgres: 'postgres://app@%2Fvar%2Frun%2Fpostgresql/owned',
    expected: '',
  },
  { id: 'B10', name: 'IPv6 with a port', postgres: 'postgres://app@[::1]:5433/owned', expected: '' },
  { id: 'B10', name: 'a user name of Azure, with @', postgres: 'postgres://app@server:pw@host/owned', expected: '' },
  {
    id: 'B10',
    name: 'Prisma’s pgbouncer and connection_limit',
    postgres: 'postgres://app@h/owned?pgbouncer=true&connection_limit=1',
    expected: '',
  },
  { id: 'B10', name: 'Heroku: sslmode=no-verify', postgres: 'postgres://app@h/owned?sslmode=no-verify', expected: '' },
  {
    id: 'B10',
    name: 'no host at all',
    postgres: 'postgres:///owned',
    expected: 'names no host: add one, or ?host=/run/postgresql for a Unix socket',
  },
  {
    id: 'B10',
    name: 'several hosts',
    postgres: 'postgres://app@one:5432,two:5432/owned',
    expected: 'names several hosts: name the primary',
  },
  {
    id: 'B10',
    name: 'several hosts by ?host=',
    postgres: 'postgres:///owned?host=one,two',
    expected: 'names several hosts',
  },
  {
    id: 'B10',
    name: 'an unknown sslmode',
    postgres: 'postgres://app@h/owned?sslmode=on',
    expected: 'has an unknown sslmode: use disable, allow, prefer, require, verify-ca, verify-full',
  },
  {
    id: 'B10',
    name: 'verify-ca without a CA',
    postgres: 'postgres://app@h/owned?sslmode=verify-ca',
    expected: 'sslmode=verify-ca needs sslrootcert',
  },
  {
    id: 'B10',
    name: 'a CA file that is not there',
    postgres: 'postgres://app@h/owned?sslmode=verify-full&sslrootcert=/no/ca.pem',
    expected: 'the file of sslrootcert cannot be read',
  },
  {
    id: 'B10',
    name: 'an unknown parameter',
    postgres: 'postgres://app@h/owned?shcema=x',
    expected: 'has a parameter shcema that is not supported',
  },
  {
    id: 'B10',
    name: 'another driver’s scheme',
    postgres: 'postgresql+asyncpg://app@h/owned',
    expected: 'must be a URL that begins with postgres:// or postgresql://',
  },
  {
    id: 'B10',
    name: 'key and value',
    postgres: 'host=h dbname=owned',
    expected: 'must be a URL that begins with postgres:// or postgresql://',
  },
  {
    id: 'B11',
    name: 'a password with a slash',
    postgres: 'postgres://app:CANARY/1@h/owned',
    expected: 'has an @ behind the host: a user name or password with',
  },
  {
    id: 'B11',
    name: 'a password with a percent sign',
    postgres: 'postgres://app:CANARY%@h/owned',
    expected: 'has a % that is not followed by two hexadecimal digits',
  },
  {
    id: 'B11',
    name: 'a port out of range',
    postgres: 'postgres://app:CANARY@h:70000/owned',
    expected: 'has a port that is not between 1 and 65535',
  },
  { id: 'B11', name: 'quotes of an env file', postgres: '"postgres://app:CANARY@h/owned"', expected: 'is in quotes' },
  {
    id: 'B11',
    name: 'Neon: the command of psql',
    postgres: "psql 'postgresql://app:CANARY@h/owned'",
    expected: 'begins with psql: give the URL alone',
  },
  { id: 'B11', name: 'JDBC', postgres: 'jdbc:postgresql://h/owned', expected: 'begins with jdbc: remove that' },
  {
    id: 'B11',
    name: 'a whole assignment',
    postgres: 'POSTGRES_URL=postgres://app:CANARY@h/owned',
    expected: 'begins with a name and =',
  },
  {
    id: 'B11',
    name: 'a password with digits and a slash',
    postgres: 'postgres://app:12/CANARY@h/owned',
    expected: 'has an @ behind the host: a user name or password with',
  },
  {
    id: 'B11',
    name: 'a password with a question mark',
    postgres: 'postgres://app:CANARY?x@h/owned',
    expected: 'has an @ behind the host: a user name or password with',
  },
  { id: 'B10', name: 'spaces around, capital letters', postgres: ' POSTGRES://app@h/owned ', expected: '' },
  { id: 'B10', name: 'Prisma’s schema=public', postgres: 'postgres://app@h/owned?schema=public', expected: '' },
  {
    id: 'B12',
    name: 'another schema',
    postgres: 'postgres://app@h/owned?schema=auth',
    expected: 'names a schema: write options=-c%20search_path%3D',
  },
  { id: 'B11', name: 'Redis in quotes', redis: "'redis://cache.example'", expected: 'is in quotes' },
  { id: 'B10', name: 'Redis with spaces around', redis: ' redis://cache.example/0 ', expected: '' },
  {
    id: 'B12',
    name: 'two databases',
    redis: 'redis://cache.example/1?db=2',
    expected: 'names two databases',
  },
  {
    id: 'B12',
    name: 'TLS and none',
    redis: 'rediss://cache.example?ssl=false',
    expected: 'asks for TLS and for none',
  },
  {
    id: 'B12',
    name: 'a password in place of the user',
    redis: 'redis://CANARY@cache.example',
    expected: 'a password alone is written redis://:password@host',
  },
  {
    id: 'B11',
    name: 'a password of Redis with a slash',
    redis: 'redis://:CANARY/x@cache.example',
    expected: 'has an @ behind the host',
  },
  {
    id: 'B10',
    name: 'a percent-encoded socket of Redis',
    redis: 'redis://%2Frun%2Fredis.sock',
    expected: 'write it as unix:///run/redis/redis.sock',
  },
  { id: 'B10', name: 'a Unix socket of Redis', redis: 'unix:///run/redis/redis.sock?db=2', expected: '' },
  { id: 'B10', name: 'the same with a password', redis: 'unix://:pw@/run/redis/redis.sock', expected: '' },
  { id: 'B10', name: 'the same by another name', redis: 'redis+unix:///run/redis/redis.sock', expected: '' },
  { id: 'B10', name: 'Redis over TLS', redis: 'rediss://app:pw@cache.example:6380/1', expected: '' },
  {
    id: 'B10',
    name: 'Sentinel',
    redis: 'redis-sentinel://one:26379,two:26379/primary',
    expected: 'Redis Sentinel is not supported',
  },
  { id: 'B10', name: 'several hosts of Redis', redis: 'redis://one:6379,two:6379', expected: 'names several hosts' },
  {
    id: 'B12',
    name: 'a database that is no number',
    redis: 'redis://cache.example/main',
    expected: 'must end with the number of the database',
  },
  {
    id: 'B12',
    name: 'a negative database',
    redis: 'redis://cache.example/-1',
    expected: 'must end with the number of the database',
  },
  {
    id: 'B12',
    name: 'a database of a cluster',
    redis: 'redis://cache.example/3?cluster=true',
    expected: 'a Redis Cluster has database 0 only',
  },
  {
    id: 'B12',
    name: 'a parameter that is misspelled',
    redis: 'redis://cache.example?bd=3',
    expected: 'has a parameter bd that is not supported',
  },
  {
    id: 'B12',
    name: 'TLS demanded and switched off',
    postgres: 'postgres://app@h/owned?sslmode=verify-full&sslmode=disable',
    expected: 'has the parameter sslmode twice, with different values',
  },
  {
    id: 'B12',
    name: 'two slashes before the database',
    postgres: 'postgres://app@h//owned',
    expected: 'has a / in the name of the database',
  },
  { id: 'B10', name: 'a slash behind the database', postgres: 'postgres://app@h/owned/', expected: '' },
  { id: 'B12', name: 'a fragment', postgres: 'postgres://app@h/owned#main', expected: 'has a # behind the host' },
  { id: 'B10', name: 'Lettuce: ?database=', redis: 'redis-socket:///run/redis.sock?database=2', expected: '' },
  { id: 'B12', name: 'two databases by name', redis: 'redis://h?db=1&database=2', expected: 'names two databases' },
  {
    id: 'B11',
    name: 'IPv6 of Redis without brackets',
    redis: 'redis://fd00::1:6379',
    expected: 'IPv6 address in brackets',
  },
  {
    id: 'B10',
    name: 'a cluster over TLS by its scheme',
    redis: 'rediss+cluster://h',
    expected: 'for a Redis Cluster, write one of its nodes',
  },
]

describe('store URLs', () => {
  it.each(rows)('$id: $name', async ({ postgres = 'postgres://u@h/d', redis = 'redis://h', expected }) => {
    const text = `${gatehouse}storage: { redis: '\${R}', postgres: '\${P}' }\nkeys: ['\${K}']\n`
    const faults = await gatehouseFaults(text, { R: redis, P: postgres, K: 'k'.repeat(43) })
    if (expected === '') expect(faults).toEqual([])
    else expect(faults).toEqual([expect.stringContaining(expected)])
    expect(faults.join()).not.toMatch(/CANARY|pw/)
  })
})

describe('deployment secrets', () => {
  const keyWith = (value: string) => gatehouseFaults(`${gatehouse}keys: ['\${K}']\n`, { K: value })

  it.each([
    ['B13', 'a line break at the end, as echo writes', `${'k'.repeat(43)}\n`, ''],
    ['B13', 'two, and of Windows', `${'k'.repeat(43)}\r\n\r\n`, ''],
    ['B13', 'a line break inside', `${'k'.repeat(20)}\n${'k'.repeat(23)}`, 'must not contain line breaks'],
    ['B13', 'a byte order mark', `\ufeff${'k'.repeat(43)}`, ''],
    ['B13', 'only a line break', '\n', 'the environment variable K is empty'],
  ])('%s: %s', async (_id, _name, value, expected) => {
    const faults = await keyWith(value)
    if (expected === '') expect(faults).toEqual([])
    else expect(faults.join()).toContain(expected)
  })
})

describe('errors at start', () => {
  it.each([
    ['an unset variable alone', 'mail: { smtp: "$' + '{UNSET}" }', 'the environment variable UNSET is not set'],
    [
      'an SMTP server without scheme',
      'mail: { smtp: mail.example:587 }',
      'must be a URL that begins with smtp:// or smtps://',
    ],
    ['a port in words', 'listen: { port: https }', 'must be a number, not text'],
  ])('B9: %s', async (_name, line, expected) => {
    const text = `publicUrl: https://login.example.com\n${line}\n`
    expect((await gatehouseFaults(text, {})).join()).toContain(expected)
  })
})

it.each(['tls', 'ssl'])('B12: redis://…?%s=true goes by TLS', (name) => {
  expect(readRedisUrl(`redis://cache.example?${name}=true`)).toMatchObject({ ok: true, address: { tls: true } })
})
