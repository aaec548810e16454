/** Two unmodified strategies of npm as plugins: contract suite and answers of upstreams. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider as discord } from '../../config/examples/passport/discord.ts'
import { provider as github } from '../../config/examples/passport/github.ts'
import type { Challenge, Provider } from '../../src/provider/provider.ts'
import { testContext, testRecorder, type UpstreamFixture } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'
import { urlOf } from '../support/providers/passport-brand.ts'
import { type PlainUpstream, startPlainUpstream } from '../support/providers/plain-upstream.ts'

const credentials = { clientId: 'gatehouse', clientSecret: 'canary-client-secret' }
const state = 'canary-state'

const discordUser = {
  id: '80351110224678912',
  username: 'ada',
  global_name: 'Ada',
  email: 'Ada@mail.test',
  verified: true,
}
const githubUser = { id: 583_231, login: 'ada', name: 'Ada Lovelace', email: 'public@elsewhere.test' }
const githubEmails = [
  { email: 'other@mail.test', primary: false, verified: true },
  { email: 'ada@mail.test', primary: true, verified: true },
]

interface Plugin {
  readonly provider: Provider
  readonly subject: string
  start(): Promise<PlainUpstream>
  withoutEmail(upstream: PlainUpstream): void
}

const plugins: Readonly<Record<string, Plugin>> = {
  'passport-discord': {
    provider: discord,
    subject: discordUser.id,
    start: () => {
      const refusal = { status: 400, error: 'invalid_grant' }
      const client = { ...credentials, token: 'discord.com/api/oauth2/token', refusal }
      return startPlainUpstream(client, { 'discord.com/api/users/@me': discordUser })
    },
    withoutEmail: ({ answers }) => {
      answers['discord.com/api/users/@me'] = { ...discordUser, email: null }
    },
  },
  'passport-github2': {
    provider: github,
    subject: '583231',
    start: () => {
      const refusal = { status: 200, error: 'bad_verification_code' }
      const client = { ...credentials, token: 'github.com/login/oauth/access_token', refusal }
      const answers = { 'api.github.com/user': githubUser, 'api.github.com/user/emails': githubEmails }
      return startPlainUpstream(client, answers)
    },
    withoutEmail: ({ answers }) => {
      answers['api.github.com/user'] = { ...githubUser, email: null }
      answers['api.github.com/user/emails'] = [{ email: null, primary: true }]
    },
  },
}

async function start({ provider, subject, withoutEmail, ...plugin }: Plugin): Promise<UpstreamFixture> {
  const upstream = await plugin.start()
  const answers = { ...upstream.answers }
  const fault = (status: number, body: string) => {
    upstream.fault = { status, body }
  }
  return {
    provider,
    config: credentials,
    typo: { key: 'clientId', value: 7 },
    stateParameter: 'state',
    context: { fetch: upstream.fetch },
    person: { issuer: provider === github ? 'https://github.com' : 'https://discord.com', subject, email },
    answer: async (challenge: Challenge) => upstream.authorize(urlOf(challenge)),
    deny: async () => new URLSearchParams({ error: 'access_denied', state: 'canary-state-of-this-login' }),
    withoutEmail: () => withoutEmail(upstream),
    faults: {
      down: () => fault(503, ''),
      html: () => fault(200, '<html>'),
      heal: () => {
        upstream.fault = undefined
        Object.assign(upstream.answers, answers)
      },
      requests: () => upstream.requests.count,
    },
    close: upstream.close,
  }
}
const email = { address: 'ada@mail.test', verified: true }

describe.each(Object.entries(plugins))('%s', (name, plugin) => {
  providerContract(name, { challenge: 'redirect', start: () => start(plugin) })

  it('is a plugin of at most 25 lines', () => {
    const file = name === 'passport-github2' ? 'github' : 'discord'
    const text = readFileSync(new URL(`../../config/examples/passport/${file}.ts`, import.meta.url), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })
})

describe('passport-github2', () => {
  let upstream: PlainUpstream
  beforeAll(async () => {
    upstream = await plugins['passport-github2']!.start()
  })
  afterAll(() => upstream.close())

  const signIn = async () => {
    const connection = github.open(github.config.parse(credentials), testContext({ fetch: upstream.fetch }))
    const challenge = await connection.begin({ state, record: testRecorder() })
    const parameters = upstream.authorize(urlOf(challenge))
    return connection.complete({ parameters, memo: challenge.memo, state, record: testRecorder() })
  }

  it('CVE-2026-82968 RP-31 signs no user in whose ID is null, which it writes as a text', async () => {
    upstream.answers['api.github.com/user'] = { ...githubUser, id: null }
    await expect(signIn()).rejects.toMatchObject({ code: 'upstream_invalid', check: { name: 'sub' } })
    upstream.answers['api.github.com/user'] = githubUser
  })

  it('takes the proof of an email from the same entry, never from the public profile', async () => {
    upstream.answers['api.github.com/user'] = { ...githubUser, email_verified: true }
    upstream.answers['api.github.com/user/emails'] = [{ email: 'ada@mail.test', primary: true }]
    const { identity } = await signIn()
    expect(identity.profile.email).toEqual({ address: 'ada@mail.test', verified: false })
    expect(identity.emailVerificationUnknown, 'ID-01 anyone can have an account').toBeUndefined()
  })

  it('LK-01 keeps no access token in what a mapping reads', async () => {
    const { identity } = await signIn()
    expect(JSON.stringify(identity)).not.toContain('canary-access-token')
  })
})
