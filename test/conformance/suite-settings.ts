/** The suite's settings for a plan: its clients and its browser commands. */
import { users } from './gatehouse.ts'
import type { Plan } from './plans.ts'
import type { RunFolders } from './run-folders.ts'
import type { Secrets, SuiteKey } from './secrets.ts'

type Command = readonly (string | number)[]

interface Task {
  readonly task: string
  readonly match: string
  readonly optional?: boolean
  readonly commands?: readonly Command[]
}

interface Flow {
  readonly match: string
  readonly 'match-limit'?: number
  readonly tasks: readonly Task[]
}

interface SignIn {
  /** What the sign-in page must say. */
  readonly look?: string
  readonly answer?: 'yes' | 'no'
  readonly email?: string
}

export function suiteSettings(place: RunFolders, secrets: Secrets): Readonly<Record<Plan['settings'], object>> {
  const at = (path: string) => `${place.gatehouse}${path}`
  const back = `${place.suite}/test/*`
  const press = (css: string, ...more: string[]): Command => ['click', 'css', css, ...more]
  const see = (text: string, kind = 'update-image-placeholder-optional'): Command => [
    'wait',
    'xpath',
    '//*',
    10,
    text,
    kind,
  ]
  const submit = press('form[method=post] button[type=submit]')

  const afterSignIn = (answer: string): readonly Task[] => [
    { task: 'Consent', match: at('/consent*'), optional: true, commands: [press(`button[value=${answer}]`)] },
    { task: 'Complete', match: back, commands: [['wait', 'id', 'submission_complete', 10]] },
  ]
  const signIn = ({ look, answer = 'yes', email = users.ada }: SignIn = {}): Flow => ({
    match: at('/oauth2/auth*'),
    tasks: [
      {
        task: 'Email',
        match: at('/login*'),
        optional: true,
        commands: [...(look === undefined ? [] : [see(look)]), ['text', 'id', 'email', email, 'optional'], submit],
      },
      {
        task: 'Password',
        match: at('/login*'),
        optional: true,
        commands: [['text', 'id', 'password', secrets.password], submit],
      },
      { task: 'On', match: at('/login*'), optional: true, commands: [press('a.button', 'optional')] },
      ...afterSignIn(answer),
    ],
  })
  /** By the upstream that knows every claim. */
  const signInUpstream: Flow = {
    match: at('/oauth2/auth*'),
    tasks: [
      { task: 'Upstream', match: at('/login*'), optional: true, commands: [press('a.connection')] },
      { task: 'On', match: at('/t/*'), optional: true, commands: [press('a.button', 'optional')] },
      ...afterSignIn('yes'),
    ],
  }
  /** An error page of Gatehouse, or an error that goes back to the app. */
  const refused: Flow = {
    match: at('/oauth2/auth*'),
    tasks: [
      { task: 'Refusal', match: at('/*'), optional: true, commands: [see('reference', 'update-image-placeholder')] },
      { task: 'Complete', match: back, optional: true, commands: [['wait', 'id', 'submission_complete', 10]] },
    ],
  }
  const signOut = ({ ask = false, look }: { readonly ask?: boolean; readonly look?: string } = {}): Flow => ({
    match: at('/oauth2/logout*'),
    tasks: [
      ...(ask ? [{ task: 'Ask', match: at('/*'), commands: [press('button[value=yes]')] }] : []),
      look === undefined
        ? { task: 'Back', match: back }
        : { task: 'Page', match: at('/*'), commands: [see(look, 'update-image-placeholder')] },
    ],
  })
  const twice = { browser: [{ ...signIn(), 'match-limit': 1 }, signIn({ look: 'Sign in' })] }
  const signingOut = (more: Parameters<typeof signOut>[0]) => ({ browser: [signIn(), signOut(more)] })
  const each = (modules: readonly string[], override: object) =>
    Object.fromEntries(modules.map((name) => [name, override]))

  const common = (alias: string) => ({
    alias,
    description: 'Gatehouse',
    server: { discoveryUrl: at('/.well-known/openid-configuration') },
    options: { browsercontrol_css_enable: false },
  })
  const bySecret = (id: string, secret: string) => ({ client_id: id, client_secret: secret })
  const byKey = (id: string, key: SuiteKey) => ({
    client_id: id,
    scope: 'openid profile email offline_access',
    jwks: { keys: [key] },
  })

  const op = {
    ...common('gh'),
    client: { ...bySecret('conf-one', secrets.one), scope: 'openid profile email phone offline_access' },
    client2: bySecret('conf-two', secrets.two),
    client_secret_post: bySecret('conf-post', secrets.post),
    browser: [signIn(), signOut()],
    override: {
      ...each(
        [
          ...['profile', 'phone', 'email', 'all'].map((scope) => `oidcc-scope-${scope}`),
          'oidcc-claims-essential',
          'oidcc-ensure-request-with-acr-values-succeeds',
        ],
        { browser: [signInUpstream] },
      ),
      ...each(
        [
          'oidcc-response-type-missing',
          'oidcc-ensure-registered-redirect-uri',
          'oidcc-redirect-uri-query-added',
          'oidcc-ensure-request-object-with-redirect-uri',
        ],
        { browser: [refused] },
      ),
      ...each(['oidcc-prompt-login', 'oidcc-max-age-1'], twice),
    },
  }
  const logout = 'oidcc-rp-initiated-logout'
  const fapi = 'fapi2-security-profile-final'
  const onlyLook: Flow = {
    match: at('/oauth2/auth*'),
    'match-limit': 1,
    tasks: [{ task: 'Look', match: at('/login*') }],
  }
  return {
    op,
    'op-key': {
      ...op,
      ...common('gh-key'),
      client: byKey('conf-key', secrets.keyOne),
      client2: byKey('conf-key-two', secrets.keyTwo),
    },
    'op-logout': {
      ...common('gh-out'),
      client: { ...bySecret('conf-out', secrets.out), scope: 'openid profile email' },
      client2: bySecret('conf-out-two', secrets.outTwo),
      browser: [signIn(), signOut()],
      override: {
        ...each(
          [
            `${logout}-bad-post-logout-redirect-uri`,
            `${logout}-query-added-to-post-logout-redirect-uri`,
            `${logout}-modified-id-token-hint`,
            `${logout}-bad-id-token-hint`,
          ],
          signingOut({ look: 'reference' }),
        ),
        ...each(
          [`${logout}-no-id-token-hint`, `${logout}-no-params`, `${logout}-only-state`],
          signingOut({ ask: true, look: 'You are signed out' }),
        ),
        [`${logout}-no-post-logout-redirect-uri`]: signingOut({ look: 'You are signed out' }),
      },
    },
    fapi: {
      ...common('gh-fapi'),
      client: byKey('fapi-one', secrets.fapiOne),
      client2: byKey('fapi-two', secrets.fapiTwo),
      resource: { resourceUrl: at('/oauth2/userinfo') },
      browser: [signIn()],
      override: {
        [`${fapi}-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds`]: { browser: [onlyLook, signIn()] },
        [`${fapi}-test-claims-parameter-identity-claims`]: { browser: [signInUpstream] },
        [`${fapi}-user-rejects-authentication`]: { browser: [signIn({ answer: 'no', email: users.eve })] },
      },
    },
    rp: {
      description: 'Gatehouse as a client',
      client: bySecret('gatehouse', secrets.upstream),
      waitTimeoutSeconds: 5,
    },
  }
}
