import { inspect } from 'node:util'
import OAuth2Strategy from 'passport-oauth2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startLinkedInEmulator } from '../../providers/linkedin/emulator.ts'
import type { BrandEmulator } from '../../providers/oidc/emulator/emulator.ts'
import { oauth2StrategyProvider } from '../../providers/passport/oauth2.ts'
import { runStrategy, settleCallback, strategyRequest } from '../../providers/passport/run-strategy.ts'
import { strategyProvider } from '../../providers/passport/strategy.ts'
import { definedOnly } from '../../src/profile/profile.ts'
import { browse } from '../contract/browse.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { callback, state, urlOf } from '../support/providers/passport-brand.ts'

describe('an attempt of a strategy', () => {
  interface Played {
    success(user: object): void
    fail(why: string): void
    pass(): void
    error(fault: unknown): void
    redirect(url: string): void
  }
  interface Request {
    readonly res: {
      cookie(name: string, value: string): void
      setHeader(name: string, value: string): void
      redirect(status: number, url: string): void
      send(page: string): void
    }
  }
  type Authenticate = (this: Played, request: never, options: never) => unknown
  const strategy = (authenticate: Authenticate) => ({ authenticate })
  const play = (authenticate: Authenticate, options = {}) =>
    runStrategy(strategy(authenticate), strategyRequest({}, state), options)

  it('ends with the first thing that the strategy does', async () => {
    const outcomes = [
      play(function () {
        this.success({ id: 1 })
        this.fail('late')
      }),
      play(function () {
        this.fail('no')
      }),
      play(function () {
        this.pass()
      }),
      play(function () {
        this.redirect('https://idp.example/x?y=1')
      }),
    ]
    expect(await Promise.all(outcomes)).toEqual([
      { type: 'success', user: { id: 1 } },
      { type: 'fail' },
      { type: 'pass' },
      { type: 'redirect', url: new URL('https://idp.example/x?y=1') },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('canary')
      },
    ],
    [
      'errs',
      function (this: Played) {
        this.error(new Error('canary'))
      },
    ],
    [
      'errs with what is no error',
      function (this: Played) {
        this.error({ statusCode: 500, data: 'canary' })
      },
    ],
    [
      'leads nowhere',
      function (this: Played) {
        this.redirect('/canary')
      },
    ],
  ])('LK-01 that %s is an error in our words, without what the strategy said', async (_, authenticate) => {
    const failure = await play(authenticate).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'upstream_invalid' })
    expect(inspect(failure, { depth: null })).not.toMatch(/data|: canary/)
  })

  it('never sees the options or the strategy of another one', async () => {
    const shared = { prompt: 'x' }
    const scribbling = function (this: Played, _request: never, options: { state?: string }) {
      options.state ??= 'first'
      Object.assign(this, { kept: options.state })
      this.success(options)
    }
    await play(scribbling, shared)
    expect(shared).toEqual({ prompt: 'x' })
  })

  it('gets a response of its own, which no browser sees', async () => {
    const outcomes = [
      play((request: Request) => request.res.redirect(302, 'https://idp.example/y')),
      play((request: Request) => request.res.send('a page')),
    ]
    expect(await Promise.all(outcomes)).toEqual([
      { type: 'redirect', url: new URL('https://idp.example/y') },
      { type: 'page', content: 'a page' },
    ])
  })

  it.each([
    (request: Request) => request.res.cookie('theirs', 'canary'),
    (request: Request) => request.res.setHeader('Set-Cookie', 'theirs=canary'),
  ])('fails if it sets a cookie', async (authenticate) => {
    const playing = play(function (this: Played, request: Request) {
      authenticate(request)
      this.success({ id: 1 })
    })
    await expect(playing).rejects.toMatchObject({ code: 'internal', message: 'the strategy set a cookie' })
  })

  it('RP-40 ends the login, not the process, when its promise rejects', async () => {
    const playing = play(async () => {
      throw new TypeError('canary')
    })
    await expect(playing).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it('gives a callback result as a promise', async () => {
    await expect(settleCallback((done) => setImmediate(done, 7))).resolves.toBe(7)
  })
})

describe('a brand of plain OAuth 2 on a strategy of the family', () => {
  class Plain extends OAuth2Strategy {
    override userProfile(accessToken: string, done: (fault?: unknown, profile?: object) => void): void {
      this._oauth2.get(`${emulator.url}/v2/userinfo`, accessToken, (fault, text) => {
        if (fault) return done(fault)
        const { sub, name } = JSON.parse(String(text)) // throws in a callback when it is null
        done(undefined, { id: sub, name })
      })
    }
  }

  const provider = oauth2StrategyProvider({
    kind: 'plain',
    brand: { name: 'Plain' },
    config: z.strictObject({ clientId: z.string(), clientSecret: z.string(), endpoints: z.custom<object>() }),
    endpoints: { authorization: '', token: '', jwks: '', issuer: 'https://plain.example' },
    scopes: ['profile'],
    pkce: false,
    strategy: async (options) => new Plain(options, () => undefined),
    clientSecret: ({ clientSecret }) => clientSecret,
    userinfo: 'needed',
    profile: ({ userinfo }) => definedOnly({ name: String(userinfo?.['name']) }),
  })
  const [clientId, clientSecret] = ['plain', 'canary-client-secret']
  let emulator: BrandEmulator
  beforeAll(async () => {
    const clients = [{ clientId, clientSecret, redirectUris: [callback] }]
    emulator = await startLinkedInEmulator({ clients, people: [{ sub: 'ada', name: 'Ada' }] })
  })
  afterEach(() => emulator.reset())
  afterAll(() => emulator.close())

  async function signIn(fault: () => void = () => undefined) {
    const { authorization, token } = emulator.endpoints
    const config = { clientId, clientSecret, endpoints: { authorization, token } }
    const connection = provider.open(provider.config.parse(config), testContext())
    const challenge = await connection.begin({ state, record: testRecorder() })
    const { searchParams: parameters } = await browse(urlOf(challenge), callback, { as: 'ada' })
    fault()
    return connection.complete({ parameters, memo: challenge.memo, state, record: testRecorder() })
  }

  it('signs a user in by userinfo alone', async () => {
    expect(await signIn()).toMatchObject({
      identity: { issuer: 'https://plain.example', subject: 'ada', profile: { name: 'Ada' } },
    })
  })

  it('RP-40 what a strategy throws in a callback ends the login, not the process', async () => {
    const signingIn = signIn(() => emulator.fault('answer', { userinfo: 'null' }))
    await expect(signingIn).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it('RP-31 refuses a person without a key', async () => {
    const signingIn = signIn(() => emulator.fault('person', { sub: undefined }))
    await expect(signingIn).rejects.toMatchObject({ code: 'upstream_invalid', check: { name: 'sub' } })
  })
})

describe('a brand on a strategy of another family', () => {
  interface Played {
    success(user: object): void
    fail(): void
    redirect(url: string): void
  }
  interface Seen {
    readonly session: Record<string, unknown>
    readonly query: Readonly<Record<string, string>>
  }
  /** Keeps a secret of the login in the session, as OAuth 1 does. */
  const ticketStrategy = {
    authenticate(this: Played, request: Seen, { state: own }: { state: string }) {
      const { session, query } = request
      if (query['ticket'] === undefined) {
        session['secret'] = 'canary-secret'
        return this.redirect(`https://idp.example/in?state=${own}`)
      }
      return query['ticket'] === 'good' ? this.success({ id: 'ada', secret: session['secret'] }) : this.fail()
    },
  }
  const provider = strategyProvider({
    kind: 'ticket',
    brand: { name: 'Ticket' },
    config: z.strictObject({}),
    strategy: () => ticketStrategy,
    issuer: 'https://idp.example/in',
    health: async () => ({ status: 'up', checks: [] }),
  })
  async function finish(query: string, changes = {}) {
    const challenge = await provider.open({}, testContext()).begin({ state, record: testRecorder() })
    expect(JSON.parse(JSON.stringify(challenge.memo))).toEqual(challenge.memo)
    const parameters = new URLSearchParams(query)
    const { memo } = challenge
    return provider.open({}, testContext(changes)).complete({ parameters, memo, state, record: testRecorder() })
  }

  it('signs a person in, with the memo for its session', async () => {
    await expect(finish(`state=${state}&ticket=good`)).resolves.toMatchObject({ identity: { subject: 'ada' } })
  })

  it.each([
    ['ticket=bad', 'user_denied'],
    ['', 'callback_malformed'],
    ['ticket=good&ticket=good', 'callback_malformed'],
  ])('RP-36 meets the answer %j with %s', async (query, code) => {
    await expect(finish(`state=${state}&${query}`)).rejects.toMatchObject({ code })
  })

  it('RP-36 RP-38 refuses the state, and the memo, of another login', async () => {
    await expect(finish('state=other&ticket=good')).rejects.toMatchObject({ code: 'callback_malformed' })
    await expect(finish(`state=${state}&ticket=good`, { tenant: 'other' })).rejects.toMatchObject({
      code: 'callback_malformed',
    })
  })
})
