/** Opens an OpenID connection at a row of the test provider and logs in without a browser. */
import { oidc } from '../../providers/oidc/generic.ts'
import type { Connection, Login } from '../../src/provider/provider.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { type Behavior, clientId, clientSecret, type OpenIdProvider } from '../support/servers/openid-provider.ts'

export interface OpenedConnection {
  readonly row: string
  readonly connection: Connection
  readonly checks: readonly { readonly name: string; readonly got?: string }[]
  signIn(start?: { readonly reauthenticate?: boolean }): Promise<Login>
  begin(start?: { readonly reauthenticate?: boolean }): Promise<URLSearchParams>
}

type Config = object | ((issuer: string) => object)
export type OpenConnection = (behavior?: Behavior, config?: Config, now?: () => Date) => OpenedConnection

/** Every connection gets a row of its own, so that requests can be told apart. */
export function connectionOpener(upstream: OpenIdProvider): OpenConnection {
  let count = 0
  return (behavior = {}, config = {}, now = () => new Date()) => {
    count += 1
    const row = `setting-${count}`
    upstream.use(row, behavior)
    const issuer = `${upstream.url}/${row}`
    const own = typeof config === 'function' ? config(issuer) : config
    const settings = { issuer, clientId, clientSecret, ...own }
    const connection = oidc.open(oidc.config.parse(settings), testContext({ now }))
    return { row, connection, ...loginAt(connection) }
  }
}

function loginAt(connection: Connection): Pick<OpenedConnection, 'checks' | 'begin' | 'signIn'> {
  const record = testRecorder()
  const started = async (start: object = {}) => {
    const challenge = await connection.begin({ state: 'state', record, ...start })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    return challenge
  }
  return {
    checks: record.checks,
    begin: async (start) => (await started(start)).url.searchParams,
    async signIn(start) {
      const { url, memo } = await started(start)
      const answer = await fetch(url, { redirect: 'manual' })
      const { searchParams: parameters } = new URL(answer.headers.get('location') ?? '')
      return connection.complete({ parameters, memo, state: 'state', record })
    },
  }
}
