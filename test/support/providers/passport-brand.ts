/** Shared by the tests of brands of OpenID Connect: emulator, connection, logins. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { FaultValue } from '../../../providers/emulator/faults.ts'
import type { BrandEmulator } from '../../../providers/oidc/emulator/emulator.ts'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import type {
  Challenge,
  Connection,
  ConnectionContext,
  Login,
  LoginStart,
  Provider,
} from '../../../src/provider/provider.ts'
import { browse } from '../../contract/browse.ts'
import type { ExpectedPerson, ProviderSetup, UpstreamFixture } from '../../contract/context.ts'
import { type TestRecorder, testContext, testRecorder } from '../../contract/context.ts'
import { impatientFetch } from './impatient-fetch.ts'

export const callback = 'https://gatehouse.test/t/acme/okta/callback'
export const state = 'canary-state'

export interface Brand<E extends BrandEmulator = BrandEmulator> {
  readonly provider: Provider
  start(): Promise<E>
  /** Without the emulator's addresses. */
  readonly config: Readonly<Record<string, unknown>>
  /** Keys with the emulator's addresses. Default: `endpoints`. */
  addresses?(emulator: E): Readonly<Record<string, unknown>>
  readonly person: Omit<ExpectedPerson, 'issuer'>
  /** Issuer of the person. Default: the emulator's. */
  issuer?(emulator: E): string
  /** The person's `sub`, if another claim identifies them. */
  readonly sub?: string
}

export function contractSetup(brand: Brand): ProviderSetup {
  return { challenge: 'redirect', start: async () => gateOf(brand, await brand.start()) }
}

function gateOf(brand: Brand, emulator: BrandEmulator): UpstreamFixture {
  const { provider, person, sub = person.subject } = brand
  const leave = async (challenge: Challenge, choice: { as: string } | 'cancel') =>
    (await browse(urlOf(challenge), callback, choice)).searchParams
  return {
    provider,
    config: configFor(brand, emulator),
    typo: { key: 'clientId', value: 7 },
    person: { ...person, issuer: brand.issuer?.(emulator) ?? emulator.issuer },
    stateParameter: 'state',
    answer: (challenge) => leave(challenge, { as: sub }),
    deny: (challenge) => leave(challenge, 'cancel'),
    withoutEmail: () => emulator.fault('noEmail'),
    textVerified: (value) => emulator.fault('emailVerifiedText', value),
    faults: {
      down: () => emulator.fault('down'),
      html: () => emulator.fault('html'),
      heal: emulator.reset,
      requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
    },
    close: emulator.close,
  }
}

function configFor<E extends BrandEmulator>({ config, addresses }: Brand<E>, emulator: E) {
  return { ...config, ...(addresses?.(emulator) ?? { endpoints: emulator.endpoints }) }
}

export function urlOf(challenge: Challenge): URL {
  if (challenge.step !== 'redirect') throw new Error('expected a redirect')
  return challenge.url
}

export interface Begun {
  readonly parameters: URLSearchParams
  finish(parameters?: URLSearchParams | string): Promise<Login>
  readonly record: TestRecorder
  readonly url: URL
  readonly memo: Challenge['memo']
}

export type Fault = readonly [FaultName, FaultValue?]

export interface Bench<E extends BrandEmulator> {
  emulator(): E
  open(changes?: Partial<ConnectionContext>, config?: Readonly<Record<string, unknown>>): Connection
  /** A connection that soon gives up on an upstream with a fault that keeps its answers back. */
  impatient(): Connection
  begin(connection?: Connection, start?: Partial<LoginStart>, as?: string): Promise<Begun>
  signIn(fault?: Fault, connection?: Connection): Promise<Login>
}

/** The emulator runs for the tests around this call; its faults end after each. */
export function benchOf<E extends BrandEmulator>(brand: Brand<E>): Bench<E> {
  let started: E | undefined
  const impatient = impatientFetch(() => emulator())
  beforeAll(async () => {
    started = await brand.start()
  })
  afterEach(() => started?.reset())
  afterAll(() => Promise.all([started?.close(), impatient.close()]))

  const emulator = () => {
    if (started === undefined) throw new Error('the emulator has not been started')
    return started
  }
  const open: Bench<E>['open'] = (changes = {}, config = {}) =>
    brand.provider.open(
      brand.provider.config.parse({ ...configFor(brand, emulator()), ...config }),
      testContext(changes),
    )
  const begin: Bench<E>['begin'] = async (connection = open(), start = {}, as = brand.sub ?? brand.person.subject) => {
    const record = testRecorder()
    const challenge = await connection.begin({ state, record, ...start })
    const { searchParams: parameters } = await browse(urlOf(challenge), callback, { as })
    const { memo } = challenge
    const finish = (brought: URLSearchParams | string = parameters) =>
      connection.complete({ parameters: new URLSearchParams(brought), memo, state: start.state ?? state, record })
    return { parameters, finish, record, url: urlOf(challenge), memo }
  }
  return {
    emulator,
    open,
    begin,
    impatient: () => open({ fetch: impatient.fetch }),
    async signIn(fault, connection) {
      const login = await begin(connection)
      if (fault !== undefined) emulator().fault(...fault)
      return login.finish()
    },
  }
}
