import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorTable, GatehouseError } from '../../src/errors.ts'
import { errorTexts } from '../../src/http/error-texts.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = globSync('{src,providers}/**/*.{ts,tsx}', { cwd: root })
  .filter((file) => file !== 'src/errors.ts')
  .map((file) => readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, ''))
const table = Object.entries(errorTable).map(
  ([code, facts]) => [code, { ...facts, ...errorTexts[code as ErrorCode] }] as const,
)

describe('the table of errors', () => {
  it.each(table)('says all there is to say of %s', (code, { status, oauth, fixer, title, text }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(oauth).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(['user', 'tenant admin', 'app developer', 'operator']).toContain(fixer)
    expect(title).toMatch(/^[A-Z][^.]*[^.\s]$/)
    expect(text).toMatch(/^[A-Z].*\.$/)
    // a person meets no jargon; an app that sends an ID token by the API is told which of its
    // tokens is meant
    const words = `${title} ${text}`.replace('/oauth2/token', 'the endpoint').replaceAll(/API tokens?/g, '')
    expect(code === 'id_token_refused' ? words.replaceAll('ID token', '') : words).not.toMatch(
      /[<>{}]|undefined|null|token|exception/,
    )
  })

  const atAuthorization = [
    'invalid_request',
    'access_denied',
    'server_error',
    'temporarily_unavailable',
    'login_required',
    'unmet_authentication_requirements',
  ]
  /** What is never an answer by redirect: RFC 6749 5.2. */
  const atTokens = new Map([
    ['id_token_refused', 'invalid_grant'],
    ['refresh_reused', 'invalid_grant'],
    ['code_reused', 'invalid_grant'],
    ['code_refused', 'invalid_grant'],
    ['app_not_first_party', 'unauthorized_client'],
    ['app_authentication_failed', 'invalid_client'],
    ['api_token_refused', 'insufficient_scope'],
  ])
  it.each(table)('%s is an OAuth error that apps may receive', (code, { oauth }) => {
    // RFC 6749 4.1.2.1, OIDC Core 3.1.2.6
    expect([atTokens.get(code) ?? atAuthorization].flat()).toContain(oauth)
  })

  it('uses temporarily_unavailable for errors with status 503 or 429, and for no others', () => {
    for (const [code, { status, oauth }] of table)
      expect([code, oauth === 'temporarily_unavailable']).toEqual([code, status === 503 || status === 429])
  })

  it('gives no two codes the same words', () => {
    expect(new Set(table.map(([, { title }]) => title)).size).toBe(table.length)
    expect(new Set(table.map(([, { text }]) => text)).size).toBe(table.length)
  })

  it('PW-01 has the same text for a wrong password and an unknown email', () => {
    expect(Object.keys(errorTable).filter((code) => /password|email/.test(code))).toEqual([
      'email_invalid', // of its form alone
      'email_not_verifiable', // of a signed-in user
      'password_weak',
    ])
  })

  it.each(Object.keys(errorTable))('%s is used somewhere', (code) => {
    expect(sources.some((source) => source.includes(`'${code}'`))).toBe(true)
  })
})

describe('an error', () => {
  it('keeps its code, its message for logs, its cause and its check', () => {
    const cause = new Error('socket closed')
    const check = { name: 'iss', ok: false, expected: 'a', got: 'b' }
    const error = new GatehouseError('upstream_invalid', 'the ID token is not ours', { cause, check })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'GatehouseError', code: 'upstream_invalid', cause, check })
    expect(error.message).toBe('the ID token is not ours')
    expect(error.stack).toContain('errors.test.ts')
  })

  it('has no check, text or time to wait by default', () => {
    const { check, text, retryAfterSeconds, cause } = new GatehouseError('server_busy', 'the queue is full')
    expect([check, text, retryAfterSeconds, cause]).toEqual([undefined, undefined, undefined, undefined])
  })
})
