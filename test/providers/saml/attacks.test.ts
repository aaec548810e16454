import { inspect } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { testRecorder } from '../../contract/context.ts'
import type { Attack } from '../../support/providers/saml-attacks/attack.ts'
import { contentAttacks } from '../../support/providers/saml-attacks/content.ts'
import { encryptionAttacks } from '../../support/providers/saml-attacks/encryption.ts'
import { readingAttacks } from '../../support/providers/saml-attacks/reading.ts'
import { sealedResponseAttacks } from '../../support/providers/saml-attacks/sealed-response.ts'
import { signatureAttacks } from '../../support/providers/saml-attacks/signatures.ts'
import { wrappingAttacks } from '../../support/providers/saml-attacks/wrapping.ts'
import {
  acs,
  answerOf,
  assertionSigned,
  beginLogin,
  configOf,
  entityId,
  type Keys,
  open,
  sharedKeys,
  state,
} from '../../support/providers/saml-forge.ts'
import { visit } from '../../support/providers/saml-login.ts'

let keys: Keys
beforeAll(async () => {
  keys = await sharedKeys()
})

async function refusal(work: Promise<unknown>): Promise<GatehouseError> {
  const error = await work.then(
    () => new Error('it was taken'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof GatehouseError) return error
  throw error
}

/** Refused with the check that failed, in words that hold nothing of what was sent. */
async function refused({ forge, code = 'callback_invalid', check, config }: Attack): Promise<void> {
  const login = await beginLogin(configOf(keys, config?.(keys)))
  const error = await refusal(login.finish(forge(login.facts(), keys)))
  expect([error.code, error.check?.name]).toEqual([code, check])
  expect(error.check).toMatchObject({ ok: false, expected: expect.any(String), got: expect.stringMatching(/./) })
  expect(inspect(error, { depth: null })).not.toMatch(/victim|<saml|PRIVATE KEY/)
}

const title = ({ id, name }: Attack) => `${id} refuses ${name}`

describe.each([
  ['signatures', signatureAttacks],
  ['wrapping', wrappingAttacks],
  ['reading', readingAttacks],
  ['what an assertion says', contentAttacks],
  ['encryption', encryptionAttacks],
  ['an encrypted assertion in a signed response', sealedResponseAttacks],
] as const)('SAML: %s', (_, attacks) => {
  for (const attack of attacks) it(title(attack), () => refused(attack))
})

describe('SAML: replay', () => {
  it('SA-83 takes an assertion once, of 50 callers at once one', async () => {
    const login = await beginLogin(configOf(keys))
    const xml = assertionSigned(login.facts(), keys.idp)
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => login.finish(xml)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const error = await refusal(login.finish(xml))
    expect([error.code, error.check?.name]).toEqual(['callback_invalid', 'replay'])
  })

  it('SA-84 takes no assertion of another login', async () => {
    const [one, other] = [await beginLogin(configOf(keys)), await beginLogin(configOf(keys))]
    const error = await refusal(other.finish(assertionSigned(one.facts(), keys.idp)))
    expect(error.check?.name).toBe('InResponseTo of the response')
  })

  it('SA-85 takes no answer without the RelayState of its login', async () => {
    const login = await beginLogin(configOf(keys))
    const parameters = answerOf(assertionSigned(login.facts(), keys.idp))
    parameters.delete('RelayState')
    const error = await refusal(login.finish(parameters))
    expect([error.code, error.check?.name]).toEqual(['callback_malformed', 'RelayState'])
  })

  it.each(['https://evil.example', 'x'.repeat(5000), '<script>alert(1)</script>'])(
    'SA-86 refuses a foreign RelayState: %.30s',
    async (relayState) => {
      const login = await beginLogin(configOf(keys))
      const parameters = answerOf(assertionSigned(login.facts(), keys.idp))
      parameters.set('RelayState', relayState)
      const error = await refusal(login.finish(parameters))
      expect(error.code).toBe('callback_malformed')
      expect(inspect(error)).not.toContain(relayState)
    },
  )

  it('takes a response once by name, and only as base64', async () => {
    const login = await beginLogin(configOf(keys))
    const parameters = answerOf(assertionSigned(login.facts(), keys.idp))
    parameters.append('SAMLResponse', 'AAAA')
    expect((await refusal(login.finish(parameters))).code).toBe('callback_malformed')
    for (const SAMLResponse of ['%%%', 'A', '====', 'AAA\u0000'])
      expect((await refusal(login.finish(new URLSearchParams({ SAMLResponse, RelayState: state })))).code).toBe(
        'callback_malformed',
      )
  })

  it('asks for a new proof where the login demands one', async () => {
    const login = await beginLogin(configOf(keys), {}, { reauthenticate: true })
    const old = login.facts({ authenticatedAt: new Date(Date.now() - 3600_000) })
    expect((await refusal(login.finish(assertionSigned(old, keys.idp)))).check?.name).toBe('AuthnInstant')
    await expect(login.finish(assertionSigned(login.facts(), keys.idp))).resolves.toBeDefined()
  })
})

describe('SAML: when the person signed in', () => {
  const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000)

  it.each([
    ['an hour ahead', () => ahead(3600)],
    ['just beyond what clocks may differ by', () => ahead(75)],
    ['in the last year of four digits', () => new Date('9999-12-31T23:59:59Z')],
  ])('is refused when it is %s, in words', async (_, authenticatedAt) => {
    const login = await beginLogin(configOf(keys))
    const error = await refusal(
      login.finish(assertionSigned(login.facts({ authenticatedAt: authenticatedAt() }), keys.idp)),
    )
    expect([error.code, error.check?.name]).toEqual(['callback_invalid', 'AuthnInstant'])
    expect(error.check).toMatchObject({
      expected: expect.stringMatching(/^until \d{4}-/),
      got: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
  })

  it.each([
    ['within what clocks may differ by', () => ahead(45)],
    ['now', () => ahead(0)],
    ['long ago', () => ahead(-86_400)],
  ])('is taken when it is %s', async (_, authenticatedAt) => {
    const login = await beginLogin(configOf(keys))
    const said = authenticatedAt()
    const { evidence } = await login.finish(assertionSigned(login.facts({ authenticatedAt: said }), keys.idp))
    expect(Math.abs((evidence.authenticatedAt?.getTime() ?? 0) - said.getTime())).toBeLessThan(1000)
  })
})

describe('SA-87 SAML: the identity provider changes', () => {
  const services = [{ entityId, acs }]
  const people = [{ nameId: 'ada', attributes: {} }]

  /** A connection that lives through the change, with a clock that can be moved. */
  async function living(
    changes: (
      emulator: Awaited<ReturnType<typeof startSamlEmulator>>,
    ) => Readonly<Record<string, unknown>> = () => ({}),
  ) {
    const emulator = await startSamlEmulator({ services, people })
    let ahead = 0
    const config = { metadataUrl: emulator.metadataUrl, ...changes(emulator) }
    const connection = open(config, { now: () => new Date(Date.now() + ahead) })
    const signIn = async () => {
      const record = testRecorder()
      const challenge = await connection.begin({ state, record })
      const parameters = await visit(challenge, { as: 'ada' })
      return connection.complete({ parameters, memo: challenge.memo, state, record })
    }
    const probe = () => connection.health(AbortSignal.timeout(5000))
    return {
      emulator,
      signIn,
      probe,
      moveClock: (ms: number) => {
        ahead = ms
      },
    }
  }

  it('follows a new certificate whose metadata a known key signed, at the first login with it', async () => {
    const { emulator, signIn, probe } = await living()
    await signIn()
    await emulator.rotateKey()
    await expect(signIn()).resolves.toBeDefined()
    expect((await probe()).status).toBe('up')
    await emulator.close()
  })

  it('SA-09 asks for new keys at most once a minute, however many answers a stranger signs', async () => {
    const { emulator, signIn, moveClock } = await living()
    await signIn()
    emulator.fault('foreignKey')
    const asked = async () => {
      const before = emulator.counters.metadata
      for (let count = 0; count < 3; count += 1) await refusal(signIn())
      return emulator.counters.metadata - before
    }
    expect(await asked()).toBe(1)
    moveClock(59_000)
    expect(await asked()).toBe(0)
    moveClock(61_000)
    expect(await asked()).toBe(1)
    await emulator.close()
  })

  it('does not trust a new certificate without a known signature, keeps the old one, and reports it in health', async () => {
    const { emulator, signIn, probe } = await living()
    await signIn()
    await emulator.rotateKey({ silent: true })
    const health = await probe()
    expect(health.status).toBe('degraded')
    expect(health.checks).toContainEqual(expect.objectContaining({ name: 'new certificate', ok: false }))
    expect((await refusal(signIn())).check?.name).toBe('signature of the Assertion')
    await emulator.close()
  })

  it('believes only the pinned certificates from the start', async () => {
    const { emulator, signIn, probe } = await living(() => ({ certificates: [keys.stranger.certificate] }))
    expect((await refusal(signIn())).check?.name).toBe('signature of the Assertion')
    expect((await probe()).status).toBe('degraded')
    await emulator.close()
  })

  it('keeps the last good copy when the metadata is gone, or of another entity', async () => {
    const { emulator, signIn, probe } = await living()
    await signIn()
    for (const fault of ['html', 'otherEntity', 'status500'] as const) {
      emulator.reset()
      emulator.fault(fault)
      expect((await probe()).status).toBe('degraded')
    }
    emulator.reset()
    await expect(signIn()).resolves.toBeDefined()
    await emulator.close()
  })

  it('says in health when a certificate ends soon', async () => {
    const { emulator, signIn, probe, moveClock } = await living()
    await signIn()
    moveClock(715 * 24 * 3600_000)
    const { status, checks } = await probe()
    expect(status).toBe('degraded')
    expect(checks.find(({ name }) => name === 'certificates')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/ends on \d{4}-/),
    })
    await emulator.close()
  })
})
