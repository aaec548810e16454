/** Email and password, kept by Gatehouse itself. */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { canonicalEmail } from '../../src/profile/profile.ts'
import {
  type Answer,
  type Connection,
  type ConnectionContext,
  defineProvider,
  type HealthCheck,
  type Identity,
  type Login,
  type PasswordRecord,
  type PasswordRecords,
  type PasswordSupport,
} from '../../src/provider/provider.ts'
import { defaultHashing, type Hashing } from './hashing.ts'
import { describeRule, isOverlong, lengthOf, significantForm, weaknessOf } from './rule.ts'

export const passwordIssuer = 'urn:gatehouse:password'

const config = z.strictObject({
  signUp: z
    .boolean()
    .default(true)
    .describe('Users may sign up; an emailed link proves their email address. Default true.'),
  minimumLength: z
    .int()
    .min(8)
    .max(64)
    .optional()
    .describe(
      'Fewest characters of a new password, 8 to 64, if more than the minimum: 15, or 8 where mfa.required is all. Default: that minimum. The most is always 1024.',
    ),
  askToChange: z
    .boolean()
    .default(false)
    .describe(
      'Users with a shorter password are asked to change it after they sign in; they may postpone. Default false.',
    ),
})

type PasswordConfig = z.output<typeof config>

interface PasswordConnection {
  readonly settings: PasswordConfig
  readonly context: ConnectionContext
  readonly hashing: Hashing
}

export const password = passwordProvider(defaultHashing)

/** @param openHashing called for each connection */
export function passwordProvider(openHashing: () => Hashing) {
  return defineProvider<PasswordConfig>({
    kind: 'password',
    provesEmails: true,
    brand: {
      name: 'Email and password',
      logo: new URL('./logo.svg', import.meta.url),
      logoDark: new URL('./logo-dark.svg', import.meta.url),
    },
    config,
    open: (settings, context) => openConnection({ settings, context, hashing: openHashing() }),
  })
}

function openConnection(connection: PasswordConnection): Connection {
  return {
    begin: async () => ({ step: 'ask', fields: ['email', 'password'], memo: {} }),
    complete: (answer) => complete(answer, connection),
    health: async () => ({ status: 'up', checks: [queueCheck(connection.hashing)] }),
    passwords: passwordSupport(connection),
    traits: { issuers: [passwordIssuer] },
  }
}

async function complete(answer: Answer, connection: PasswordConnection): Promise<Login> {
  const { context, settings } = connection
  refuseRepeatedParameters(answer.parameters)
  // phones append a space to a completed address
  const email = canonicalEmail(answer.parameters.get('email')?.trim())
  const given = answer.parameters.get('password') ?? ''
  const record = await answer.record.step('password check', () => matchingRecord(connection, email, given))
  answer.record.check({ name: 'email and password belong together', ok: record !== null })
  if (record === null) throw new GatehouseError('credentials_invalid', 'wrong email or password')
  await rehashIfOutdated(record, given, answer, connection)
  const asks = settings.askToChange && lengthOf(significantForm(given)) < minimumLengthOf(settings, context.passwords)
  const login = { identity: identityOf(record), evidence: { amr: ['pwd'], authenticatedAt: context.now() } }
  return asks ? { ...login, asksForNewPassword: true } : login
}

function minimumLengthOf({ minimumLength = 0 }: PasswordConfig, records: Pick<PasswordRecords, 'minimumLength'>) {
  return Math.max(minimumLength, records.minimumLength())
}

function identityOf({ subject, email, name }: Omit<PasswordRecord, 'hash'>): Identity {
  const profile = { email: { address: email, verified: true }, ...(name !== undefined && { name }) }
  return { issuer: passwordIssuer, subject, profile }
}

/**
 * Every attempt costs one Argon2 verification and fails with the same error, so unknown email,
 * wrong password and malformed input are indistinguishable, even by time (PW-01, PW-02).
 */
async function matchingRecord(
  { context, hashing }: PasswordConnection,
  email: string | null,
  given: string,
): Promise<PasswordRecord | null> {
  const record = email === null ? null : await context.passwords.find(email)
  const possible = given !== '' && !isOverlong(given)
  const matches = await hashing.verify(record?.hash ?? null, possible ? significantForm(given) : '')
  return possible && matches ? record : null
}

/** A repeated parameter is ambiguous, and our form never sends one. */
function refuseRepeatedParameters(parameters: URLSearchParams): void {
  const doubled = ['email', 'password'].find((name) => parameters.getAll(name).length > 1)
  if (doubled === undefined) return
  const check = {
    name: 'every field comes once',
    ok: false,
    expected: '1',
    got: String(parameters.getAll(doubled).length),
  }
  throw new GatehouseError('callback_malformed', `the field ${doubled} is repeated`, { check })
}

/** Only a correct password can be rehashed. A failure never fails the login. */
async function rehashIfOutdated(
  record: PasswordRecord,
  given: string,
  { record: trace }: Answer,
  { context, hashing }: PasswordConnection,
): Promise<void> {
  if (!hashing.needsRehash(record.hash)) return
  try {
    const renewed = await hashing.hash(significantForm(given))
    await context.passwords.rehash(record.subject, record.hash, renewed)
    trace.check({ name: 'password hash brought up to date', ok: true })
  } catch {
    trace.check({ name: 'password hash brought up to date', ok: true, got: 'not now; tried again at the next login' })
  }
}

function passwordSupport({ settings, context, hashing }: PasswordConnection): PasswordSupport {
  const { passwords: records } = context
  const minimumLength = () => minimumLengthOf(settings, records)
  return {
    allowsSignUp: settings.signUp,
    get rule() {
      return describeRule(minimumLength())
    },
    get minimumLength() {
      return minimumLength()
    },
    identify: identityOf,
    async hash(chosen, owner) {
      const significant = isOverlong(chosen) ? chosen : significantForm(chosen)
      const weakness =
        (await weaknessOf(significant, owner, minimumLength())) ??
        ((await records.isBreached(significant)) ? breached : null)
      if (weakness !== null)
        throw new GatehouseError('password_weak', 'the password violates the rule', { text: weakness })
      return hashing.hash(significant)
    },
  }
}

const breached = 'It appeared in a data breach, so attackers try it. Choose a password that you use nowhere else.'

function queueCheck(hashing: Hashing): HealthCheck {
  const { running, concurrency, queued: pending, queue } = hashing.load()
  const detail = `${running} of ${concurrency} hashes running, ${pending} of ${queue} queued`
  return { name: 'password hashing queue', ok: pending < queue, detail, fixer: 'operator' }
}
