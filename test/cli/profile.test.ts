/** `gatehouse profile preview` as it is typed. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../src/cli/run.ts'
import { okta, writeFolder } from '../support/gatehouse/config-folder.ts'

const answers = mkdtempSync(join(tmpdir(), 'gatehouse-answers-'))
let config = ''

beforeAll(() => {
  vi.stubEnv('ACME_OKTA_CLIENT_SECRET', 'canary')
  const mapping = `    profile:
      name: [displayName, name]
      organization: { constant: Acme }
      email: [mail]
      nickname: alias
      groups: { keepPrefixes: [acme-] }
      roles: { fromGroups: { acme-admins: admin }, constant: [employee] }
  github:
    clientId: gatehouse
    clientSecret: canary-of-github
  password:
`
  config = writeFolder({
    'gatehouse.yaml': 'publicUrl: https://login.example.com\nmail: { directory: var/mail }\n',
    'tenants/acme.yaml': `${okta()}${mapping}`,
  })
})
afterAll(() => void vi.unstubAllEnvs())

/**
 * In this process, since Node runs no .tsx by itself: what is written to the standard streams is
 * caught.
 */
async function preview(args: readonly string[], input = '') {
  const written = { out: '', error: '' }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written.out += chunk
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written.error += chunk
      return true
    }),
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([input]) as never),
  ]
  try {
    const code = await runCommand(['profile', 'preview', '--config', config, ...args])
    return { ...written, code }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

function answerIn(name: string, content: unknown): string {
  const file = join(answers, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const place = ['--tenant', 'acme', '--connection', 'okta']
const answer = {
  id_token: { sub: '00u1', iss: 'https://acme.okta.com', email: 'ada@acme.test', email_verified: true },
  userinfo: { sub: '00u1', name: 'Ada', displayName: 'Ada Lovelace', mail: 'ada@mail.test', locale: 'en' },
}
const groups = ['Everyone', 'acme-admins']

describe('gatehouse profile preview', () => {
  it('prints the mapped profile with the source of each attribute', async () => {
    const userinfo = { ...answer.userinfo, groups }
    const { out, error, code } = await preview([...place, answerIn('answer.json', { ...answer, userinfo })])
    expect({ error, code }).toEqual({ error: '', code: 0 })
    expect(out.replace(/\n +from/g, ' from').split('\n')).toEqual([
      'acme/okta (okta)',
      'email          ada@mail.test (not verified) from mail',
      'name           Ada Lovelace from displayName',
      'locale         en from not mapped: as Okta asserts it',
      'organization   Acme from the constant in the mapping',
      'groups         1: acme-admins from the provider’s own groups, kept and renamed as mapped',
      'roles          2: admin, employee from fromGroups, constant',
      'mapped, but not in this response: nickname',
      '',
    ])
  })

  it('prints with --json what the profile beside a fixture holds', async () => {
    const fixture = (name: string) => fileURLToPath(new URL(`../../providers/github/fixtures/${name}`, import.meta.url))
    const place = ['--tenant', 'acme', '--connection', 'github', '--json']
    const { out, error, code } = await preview([...place, fixture('workspace.json')])
    expect({ error, code }).toEqual({ error: '', code: 0 })
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(fixture('workspace.profile.json'), 'utf8')))
  })

  it('maps with --json as the connection says', async () => {
    const { out } = await preview(
      [...place, '--json', '-'],
      JSON.stringify({ sub: '1', name: 'Ada', mail: 'a@b.test' }),
    )
    expect(JSON.parse(out)).toMatchObject({ email: { address: 'a@b.test', verified: false }, organization: 'Acme' })
  })

  it('reads claims from standard input', async () => {
    const { out, code } = await preview([...place, '-'], JSON.stringify({ sub: '1', name: 'Ada', mail: 'a@b.test' }))
    expect(code).toBe(0)
    expect(out).toContain('a@b.test (not verified)')
  })

  it.each([
    ['no file', () => place, /name the file of the captured response/],
    [
      'a file that is not there',
      () => [...place, join(answers, 'none.json')],
      /none\.json cannot be read: it does not exist/,
    ],
    ['no JSON', () => [...place, answerIn('text.json', 'canary {')], /text\.json is not JSON/],
    ['a token', () => [...place, answerIn('token.jwt', 'eyJh.eyJz.c2ln\n')], /is a token: give its claims as JSON/],
    ['a list', () => [...place, answerIn('list.json', [])], /must be a JSON object/],
    ['no tenant', () => ['--connection', 'okta', 'x'], /name a tenant \(--tenant\): acme/],
    ['an unknown tenant', () => ['--tenant', 'acne', 'x'], /there is no tenant acne; did you mean acme\?/],
    [
      'an unknown connection',
      () => ['--tenant', 'acme', '--connection', 'octa', 'x'],
      /no connection octa; did you mean okta\?/,
    ],
    [
      'a kind without answers',
      () => ['--tenant', 'acme', '--connection', 'password', answerIn('any.json', {})],
      /connections of kind password have no responses to preview/,
    ],
  ])('rejects %s without quoting the response', async (_what, args, expected) => {
    const { out, error, code } = await preview(args())
    expect({ out, code }).toEqual({ out: '', code: 1 })
    expect(error).toMatch(expected)
    expect(error).toMatch(/^gatehouse profile preview: .*\n$/)
    expect(error).not.toContain('canary')
  })
})
