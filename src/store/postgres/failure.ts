/** Explains errors of PostgreSQL and PgBouncer. SQLSTATE: PostgreSQL documentation, appendix A. */
import type { PostgresAddress } from '../../primitives/postgres-url.ts'
import { codeOf, type Explain, explainNetwork, type Meaning, messageOf } from '../failure.ts'

const setting = 'storage.postgres'
/** Start of our error message about the encoding of a database. */
export const wrongEncoding = 'encoding is'

export function explainPostgres(address: PostgresAddress): Explain {
  const { host, port } = address
  const place = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`
  const target = { store: 'PostgreSQL', place, setting, tls: { on: 'TLS (sslmode=require)', off: 'sslmode=disable' } }
  return (error) => explainState(address, codeOf(error), messageOf(error)) ?? explainNetwork(target, error)
}

function explainState({ user, database }: PostgresAddress, state: string, message: string): Meaning | undefined {
  const login = user === undefined ? 'the user' : `the user ${user}`
  const sentence = loginSentence() ?? stateSentence()
  return sentence === undefined ? dataMeaning(state) : { sentence }

  function loginSentence(): string | undefined {
    // PgBouncer reports all of these as 08P01
    if (state === '28P01' || /^(password|SASL) authentication failed/.test(message))
      return `PostgreSQL refused the password of ${login}: correct it in ${setting}`
    if (/client password must be a (non-empty )?string|empty password/i.test(message))
      return `PostgreSQL asks for a password of ${login}, and ${setting} has none: add it`
    if (/^role .* does not exist$|no such user/.test(message))
      return `PostgreSQL has no role for ${login}: create it, or correct ${setting}`
    if (/no encryption|SSL off|SSL required/i.test(message))
      return `PostgreSQL accepts ${login} over TLS only: add ?sslmode=require to ${setting}`
    if (/does not support SSL|error establishing an SSL/.test(message))
      return `PostgreSQL does not offer TLS: use sslmode=disable in ${setting}, or enable TLS there`
    if (state.startsWith('28'))
      return `PostgreSQL does not let ${login} in: check pg_hba.conf and ${setting} (${message})`
    if (state === '3D000' || /^no such database/.test(message)) {
      const name = database ?? user
      return `the database ${name === undefined ? 'named in the URL' : name} does not exist: create it, or correct ${setting}`
    }
    return undefined
  }

  function stateSentence(): string | undefined {
    if (state === '53300' || /too many (connections|clients)|no more connections/i.test(message))
      return 'PostgreSQL has too many connections: raise max_connections, use a pooler, or run fewer processes'
    if (state === '25006') return 'PostgreSQL is a read-only standby: give the address of the primary'
    if (state === '42501')
      return `${login} may not do that in PostgreSQL (${message}): grant the right, or let ${login} own the database`
    if (state === '42P01' || state === '42703')
      return 'tables are missing in PostgreSQL, or out of date: run gatehouse migrate'
    if (message.startsWith(wrongEncoding))
      return `the PostgreSQL database cannot store all characters (its ${message}): create one with ENCODING 'UTF8'`
    if (state === '3F000')
      return `the schema in search_path of PostgreSQL does not exist: create it, or correct options in ${setting}`
    if (/^(unrecognized configuration parameter|invalid value for parameter|invalid command-line)/.test(message))
      return `PostgreSQL does not know a setting that options in ${setting} names: correct it (${message})`
    if (/not currently accepting connections/.test(message))
      return `PostgreSQL takes no connections to that database: ALTER DATABASE … ALLOW_CONNECTIONS true, or correct ${setting}`
    if (state === '57P03') return 'PostgreSQL is starting up or shutting down: Gatehouse tries again'
    if (state.startsWith('53')) return `PostgreSQL is out of resources: ${message}`
    if (state === '57014') return 'PostgreSQL took too long for a statement and canceled it'
    if (state === '08P01') return `PostgreSQL, or the pooler in front of it, refused the connection: ${message}`
    return undefined
  }
}

/** 22, 54: invalid values; 23, 42, 0A: bugs; all others: the database is unavailable. */
function dataMeaning(state: string): Meaning | undefined {
  const kind = state.slice(0, 2)
  if (kind === '22' || kind === '54')
    return { code: 'request_invalid', sentence: `PostgreSQL cannot hold a value (${state})` }
  if (kind === '23' || kind === '42' || kind === '0A')
    return { code: 'internal', sentence: `PostgreSQL refused a statement (${state})` }
  return undefined
}
