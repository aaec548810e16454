/** Explains errors of PostgreSQL and PgBouncer. SQLSTATE: PostgreSQL documentation, appendix A. */
import type { PostgresAddress } from '../../primitives/postgres-url.ts'
import { codeOf, type Explain, explainNetwork, type Meaning, type Sentences, sentenceFor } from '../failure.ts'

const setting = 'storage.postgres'
/** Start of our error message about the encoding of a database; `sentences` has it too. */
export const wrongEncoding = 'encoding is'

export function explainPostgres({ host, port, user, database = user ?? 'named in the URL' }: PostgresAddress): Explain {
  const place = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`
  const login = user === undefined ? 'the user' : `the user ${user}`
  const tls = { tlsOn: 'TLS (sslmode=require)', tlsOff: 'sslmode=disable' }
  const target = { store: 'PostgreSQL', place, setting, ...tls, login, database }
  return (error) => sentenceFor(sentences, error, target) ?? dataMeaning(codeOf(error)) ?? explainNetwork(target, error)
}

/** PgBouncer reports the failures of a login as 08P01. */
const sentences: Sentences = [
  [
    /^28P01$|^(password|SASL) authentication failed/i,
    'PostgreSQL refused the password of {login}: correct it in {setting}',
  ],
  [
    /client password must be a (non-empty )?string|empty password/i,
    'PostgreSQL asks for a password of {login}, and {setting} has none: add it',
  ],
  [/^role .* does not exist$|no such user/i, 'PostgreSQL has no role for {login}: create it, or correct {setting}'],
  [
    /no encryption|SSL off|SSL required/i,
    'PostgreSQL accepts {login} over TLS only: add ?sslmode=require to {setting}',
  ],
  [
    /does not support SSL|error establishing an SSL/i,
    'PostgreSQL does not offer TLS: use sslmode=disable in {setting}, or enable TLS there',
  ],
  [/^28\w{3}$/i, 'PostgreSQL does not let {login} in: check pg_hba.conf and {setting} ({message})'],
  [/^3D000$|^no such database/i, 'the database {database} does not exist: create it, or correct {setting}'],
  [
    /^53300$|too many (connections|clients)|no more connections/i,
    'PostgreSQL has too many connections: raise max_connections, use a pooler, or run fewer processes',
  ],
  [/^25006$/i, 'PostgreSQL is a read-only standby: give the address of the primary'],
  [/^42501$/i, '{login} may not do that in PostgreSQL ({message}): grant the right, or let {login} own the database'],
  [/^42(P01|703)$/i, 'tables are missing in PostgreSQL, or out of date: run gatehouse migrate'],
  [
    /^encoding is/i,
    "the PostgreSQL database cannot store all characters (its {message}): create one with ENCODING 'UTF8'",
  ],
  [/^3F000$/i, 'the schema in search_path of PostgreSQL does not exist: create it, or correct options in {setting}'],
  [
    /^(unrecognized configuration parameter|invalid value for parameter|invalid command-line)/i,
    'PostgreSQL does not know a setting that options in {setting} names: correct it ({message})',
  ],
  [
    /not currently accepting connections/i,
    'PostgreSQL takes no connections to that database: ALTER DATABASE … ALLOW_CONNECTIONS true, or correct {setting}',
  ],
  [/^57P03$/i, 'PostgreSQL is starting up or shutting down: Gatehouse tries again'],
  [/^53\w{3}$/i, 'PostgreSQL is out of resources: {message}'],
  [/^57014$/i, 'PostgreSQL took too long for a statement and canceled it'],
  [/^08P01$/i, 'PostgreSQL, or the pooler in front of it, refused the connection: {message}'],
]

/** 22, 54: invalid values; 23, 42, 0A: bugs; all others: the database is unavailable. */
function dataMeaning(state: string): Meaning | undefined {
  if (/^(22|54)/.test(state)) return { code: 'request_invalid', sentence: `PostgreSQL cannot hold a value (${state})` }
  if (/^(23|42|0A)/.test(state)) return { code: 'internal', sentence: `PostgreSQL refused a statement (${state})` }
  return undefined
}
