/** Logins through an emulated Okta that a test can make misbehave. */
import { afterAll, afterEach } from 'vitest'
import type { FaultValue } from '../../../providers/emulator/faults.ts'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { okta } from '../../../providers/okta/okta.ts'
import type { Connection, ConnectionContext, Login } from '../../../src/provider/provider.ts'
import { browse } from '../../contract/browse.ts'
import { type TestRecorder, testContext, testRecorder } from '../../contract/context.ts'
import { impatientFetch } from './impatient-fetch.ts'

export const callback = 'https://gatehouse.test/t/acme/okta/callback'
export const client = { clientId: 'gatehouse', clientSecret: 'canary-client-secret', redirectUris: [callback] }
export const ada = {
  sub: '00u-ada',
  email: 'ada@acme.test',
  email_verified: true,
  name: 'Ada Lovelace',
  groups: ['Everyone'],
}
export const state = 'canary-state'

export const seconds = (): number => Math.floor(Date.now() / 1000)
export const invalid = (name: string) => ({ code: 'upstream_invalid', check: { name, ok: false } })

export type Fault = readonly [FaultName, FaultValue?]
/** A name, a fault and the code of the error that it causes. */
export type FaultCase = readonly [string, Fault, string]

/** Call it once in a test file: it resets the emulator after each test and stops it at the end. */
export async function startOkta() {
  const emulator = await startOktaEmulator({ clients: [client], people: [ada] })
  afterEach(() => emulator.reset())
  const impatient = impatientFetch(() => emulator)
  afterAll(() => Promise.all([emulator.close(), impatient.close()]))

  const open = (
    changes: Partial<ConnectionContext> = {},
    config: Record<string, unknown> = {},
    upstream: OktaEmulator = emulator,
  ): Connection => {
    const { clientId, clientSecret } = client
    const parsed = okta.config.parse({ issuer: upstream.issuer, clientId, clientSecret, ...config })
    return okta.open(parsed, testContext(changes))
  }
  const begin = (connection = open(), start: StartOptions = {}) => beginLogin(connection, start)
  /** A whole login while the upstream does something wrong. */
  const signIn = async (fault?: Fault, connection: Connection = open()): Promise<Login> => {
    const login = await begin(connection)
    if (fault !== undefined) emulator.fault(...fault)
    return login.finish()
  }
  return { emulator, impatient, open, begin, signIn }
}

interface StartOptions {
  readonly reauthenticate?: boolean
  readonly loginHint?: string
}

interface StartedLogin {
  readonly parameters: URLSearchParams
  finish(parameters?: URLSearchParams | string): Promise<Login>
  readonly record: TestRecorder
  readonly url: URL
}

/** A login up to the moment the browser comes back. */
async function beginLogin(connection: Connection, start: StartOptions): Promise<StartedLogin> {
  const record = testRecorder()
  const challenge = await connection.begin({ state, record, ...start })
  if (challenge.step !== 'redirect') throw new Error('expected a redirect')
  const { searchParams: parameters } = await browse(challenge.url, callback, { as: ada.sub })
  return {
    parameters,
    record,
    url: challenge.url,
    finish: (brought = parameters) =>
      connection.complete({ parameters: new URLSearchParams(brought), memo: challenge.memo, state, record }),
  }
}
