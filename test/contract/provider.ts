/** The contract suite. A provider's test supplies an emulator and its kind of challenge. */
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Challenge, Connection, ConnectionContext, Login, Memo } from '../../src/provider/provider.ts'
import {
  type PromptFixture,
  type ProviderFixture,
  type ProviderSetup,
  type TestRecorder,
  testContext,
  testRecorder,
  type UpstreamFixture,
} from './context.ts'

const state = 'canary-state-of-this-login'

type AnswerableFixture = ProviderFixture & Pick<UpstreamFixture, 'answer'>

/** A newly opened connection, as in another process, with its recorder. */
function opened(
  fixture: ProviderFixture,
  changes: Partial<ConnectionContext> = {},
): { connection: Connection; record: TestRecorder } {
  const context = testContext({ ...fixture.context, ...changes })
  return {
    connection: fixture.provider.open(fixture.provider.config.parse(fixture.config), context),
    record: testRecorder(),
  }
}

async function begun(fixture: AnswerableFixture): Promise<{ challenge: Challenge; parameters: URLSearchParams }> {
  const { connection, record } = opened(fixture)
  const challenge = await connection.begin({ state, record })
  return { challenge, parameters: await fixture.answer(challenge) }
}

function completed(
  fixture: ProviderFixture,
  memo: Memo,
  parameters: URLSearchParams,
  changes: Partial<ConnectionContext> = {},
): Promise<Login> {
  const { connection, record } = opened(fixture, changes)
  return connection.complete({ parameters, memo, state, record })
}

async function signIn(fixture: AnswerableFixture): Promise<Login> {
  const { challenge, parameters } = await begun(fixture)
  return completed(fixture, challenge.memo, parameters)
}

export function providerContract(name: string, setup: ProviderSetup): void {
  describe(`the provider contract, met by ${name}:`, () => {
    if (setup.challenge === 'ask') testPromptProvider(setup.start)
    else testUpstreamProvider(setup.challenge, setup.start)
  })
}

/** Opens the connection for the tests around it, which get it from the returned function. */
function started<G extends ProviderFixture>(start: () => Promise<G>): () => G {
  let fixture: G | undefined
  beforeAll(async () => {
    fixture = await start()
  })
  afterAll(() => fixture?.close())
  return () => {
    if (fixture === undefined) throw new Error('the connection is not open yet')
    return fixture
  }
}

function everyProvider(fixture: () => AnswerableFixture, challenge: Challenge['step']): void {
  it('has a kind and a brand', () => {
    expect(fixture().provider.kind).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(fixture().provider.brand.name).not.toBe('')
  })

  it('names the key whose config value is wrong', () => {
    const { provider, config, typo } = fixture()
    if (typo === undefined) return expect(provider.config.parse({})).toEqual({})
    const parsed = provider.config.safeParse({ ...config, [typo.key]: typo.value })
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([typo.key])
  })

  it('refuses a config key it does not know', () => {
    const parsed = fixture().provider.config.safeParse({ ...fixture().config, colour: 'blue' })
    expect(parsed.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['colour'] }])
  })

  it('shows its kind of challenge, with a memo that is plain JSON', async () => {
    const { connection, record } = opened(fixture())
    const { step, memo } = await connection.begin({ state, record })
    expect(step).toBe(challenge)
    expect(JSON.parse(JSON.stringify(memo))).toEqual(memo)
  })

  it('signs a user in although another process began the login', async () => {
    const { identity } = await signIn(fixture())
    const { issuer, subject, email } = fixture().person
    expect([identity.issuer, identity.subject, identity.profile.email]).toEqual([issuer, subject, email])
  })

  it('returns the same issuer and subject at every login', async () => {
    const [first, second] = [await signIn(fixture()), await signIn(fixture())]
    expect([second.identity.issuer, second.identity.subject]).toEqual([first.identity.issuer, first.identity.subject])
  })

  it('LK-01 records nothing secret', async () => {
    const { connection, record } = opened(fixture())
    const { memo, ...challenge } = await connection.begin({ state, record })
    const parameters = await fixture().answer({ ...challenge, memo } as Challenge)
    await connection.complete({ parameters, memo, state, record })
    const recorded = inspect([record.steps, record.checks], { depth: null })
    for (const canary of canaries(fixture().config, memo, parameters)) expect(recorded).not.toContain(canary)
  })

  it('is healthy by default', async () => {
    const { connection } = opened(fixture())
    const health = await connection.health(AbortSignal.timeout(10_000))
    expect(health.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(health.status).toBe('up')
  })

  it.each([
    '',
    'code=',
    'x=1&x=2',
    '__proto__=1',
    '%00=%ff',
    'email=a&email=b&password=c&password=d',
    `state=${state}`,
  ])('RP-36 refuses the unreadable answer %j with a clear error', async (query) => {
    const { connection, record } = opened(fixture())
    const { memo } = await connection.begin({ state, record })
    const code = expect.stringMatching(/^(callback_malformed|credentials_invalid|code_invalid)$/)
    await expect(completed(fixture(), memo, new URLSearchParams(query))).rejects.toMatchObject({ code })
  })
}

function testPromptProvider(start: () => Promise<PromptFixture>): void {
  const fixture = started(async () => {
    const asking = await start()
    return { ...asking, answer: async () => new URLSearchParams(asking.right) }
  })
  everyProvider(fixture, 'ask')

  it('reports only that the credentials are wrong', async () => {
    const { challenge } = await begun(fixture())
    const wrong = completed(fixture(), challenge.memo, new URLSearchParams(fixture().wrong))
    const code = expect.stringMatching(/^(credentials|code)_invalid$/)
    await expect(wrong).rejects.toMatchObject({ code })
  })
}

function testUpstreamProvider(challenge: 'redirect' | 'post', start: () => Promise<UpstreamFixture>): void {
  const fixture = started(start)
  afterEach(() => fixture().faults.heal())
  everyProvider(fixture, challenge)

  it('makes no request when it is opened', () => {
    const before = fixture().faults.requests()
    opened(fixture())
    expect(fixture().faults.requests()).toBe(before)
  })

  it('brings the state back', async () => {
    const { parameters } = await begun(fixture())
    expect(parameters.get(fixture().stateParameter)).toBe(state)
  })

  it('refuses an answer that was used already', async () => {
    const { challenge, parameters } = await begun(fixture())
    await completed(fixture(), challenge.memo, parameters)
    await expect(completed(fixture(), challenge.memo, parameters)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:upstream|callback)_/),
    })
  })

  it('RP-36 refuses the answer to another login', async () => {
    const { challenge, parameters } = await begun(fixture())
    const foreign = new URLSearchParams(parameters)
    foreign.set(fixture().stateParameter, 'canary-state-of-another-login')
    await expect(completed(fixture(), challenge.memo, foreign)).rejects.toMatchObject({ code: 'callback_malformed' })
  })

  it("RP-38 refuses another connection's memo, and another tenant's", async () => {
    for (const elsewhere of [{ connection: 'other' }, { tenant: 'other' }]) {
      const { challenge, parameters } = await begun(fixture())
      const finished = completed(fixture(), challenge.memo, parameters, elsewhere)
      await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
    }
  })

  it('reports that the user denied the login', async () => {
    const { connection, record } = opened(fixture())
    const begun = await connection.begin({ state, record })
    const parameters = await fixture().deny(begun)
    await expect(completed(fixture(), begun.memo, parameters)).rejects.toMatchObject({ code: 'user_denied' })
  })

  it('signs a user in without an email', async () => {
    fixture().withoutEmail()
    const { identity } = await signIn(fixture())
    expect(identity.subject).toBe(fixture().person.subject)
    expect(identity.profile.email).toBeUndefined()
  })

  it('reads the strings "false" and "true" as booleans', async () => {
    for (const text of ['true', 'false'] as const) {
      fixture().textVerified?.(text)
      const expected = fixture().textVerified === undefined ? fixture().person.email?.verified : text === 'true'
      expect((await signIn(fixture())).identity.profile.email?.verified).toBe(expected)
    }
  })

  it('FT-15 reports an unreachable upstream, and recovers with it', async () => {
    const { challenge, parameters } = await begun(fixture())
    fixture().faults.down()
    await expect(completed(fixture(), challenge.memo, parameters)).rejects.toMatchObject({
      code: 'upstream_unreachable',
    })
    fixture().faults.heal()
    await expect(signIn(fixture())).resolves.toBeDefined()
  })

  it('FT-20 refuses HTML in place of an answer', async () => {
    const { challenge, parameters } = await begun(fixture())
    fixture().faults.html()
    await expect(completed(fixture(), challenge.memo, parameters)).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it('is not healthy when the upstream is down or answers with web pages', async () => {
    for (const fault of [fixture().faults.down, fixture().faults.html]) {
      fixture().faults.heal()
      fault()
      const health = await opened(fixture()).connection.health(AbortSignal.timeout(10_000))
      expect(health.status).toBe('down')
      expect(health.checks.some(({ ok, detail }) => !ok && detail !== '')).toBe(true)
    }
  })

  it('reports its health in time although the upstream hangs', async () => {
    const health = await opened(fixture()).connection.health(AbortSignal.abort())
    expect(health.status).not.toBe('up')
  })
}

/** Values that a trace must not contain: memo, callback parameters, secrets. */
function canaries(config: ProviderFixture['config'], memo: Memo, parameters: URLSearchParams): readonly string[] {
  const kept = Object.entries(memo).flatMap(([name, value]) =>
    name !== 'connection' && typeof value === 'string' ? [value] : [],
  )
  const brought = [...parameters].flatMap(([name, value]) => (name === 'iss' || name === 'email' ? [] : [value]))
  const hidden = Object.entries(config).flatMap(([name, value]) =>
    /secret|key/i.test(name) && typeof value === 'string' ? [value] : [],
  )
  return [...kept, ...brought, ...hidden].filter((value) => value.length > 5)
}
