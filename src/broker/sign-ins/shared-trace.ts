/** Links that show one trace to a person who cannot sign in, until they expire. */
import { z } from 'zod'
import { truncate, withoutEmails } from '../../primitives/untrusted-text.ts'
import type { Administrator } from '../access/target.ts'
import { recordAudit } from '../audit/record.ts'
import { issueCode, peekCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Trace } from '../trace.ts'

const purpose = 'shared-trace'

const contentSchema = z.object({ tenant: z.string(), reference: z.string(), expiresAt: z.coerce.date() })

export interface SharedLink {
  /** 256 random bits after a public part; the store keeps only hashes. */
  readonly code: string
  readonly expiresAt: Date
}

/** Recorded as `trace.shared`. */
export async function shareTrace(
  ports: Ports<'audit' | 'codes' | 'now' | 'random'>,
  by: Administrator,
  { tenant, connection, reference }: Trace,
  seconds: number,
): Promise<SharedLink> {
  const expiresAt = new Date(ports.now().getTime() + seconds * 1000)
  const owner = ports.random(16).toString('base64url')
  const secret = ports.random(32)
  const content = { tenant, reference, expiresAt }
  const code = await issueCode(ports.codes, { purpose, owner, secret, content, seconds })
  await recordAudit(ports, {
    tenant,
    action: 'trace.shared',
    actor: by.session.userId,
    target: `connection:${connection}`,
    details: { reference, expiresAt: expiresAt.toISOString() },
  })
  return { code, expiresAt }
}

export interface SharedTrace {
  /** The trace without personal data. */
  readonly trace: Trace
  readonly expiresAt: Date
}

/** Null for a link that is unknown or expired, or whose trace was deleted. */
export async function openSharedTrace(
  { codes, traces, now }: Ports<'codes' | 'traces' | 'now'>,
  code: string,
): Promise<SharedTrace | null> {
  const { data: link } = contentSchema.safeParse(await peekCode(codes, purpose, code))
  if (link === undefined || link.expiresAt <= now()) return null
  const trace = await traces.find(link.reference)
  return trace === null || trace.tenant !== link.tenant
    ? null
    : { trace: withoutPersonalData(trace), expiresAt: link.expiresAt }
}

const hidden = '[text of the identity provider, hidden]'

/**
 * The trace without user, email, app and texts of the upstream, which may name people. Received
 * values remain only if they are fixed words, or of checks of our own settings.
 */
export function withoutPersonalData({ userId: _, email: __, app: ___, ...trace }: Trace): Trace {
  return {
    ...trace,
    reasons: trace.reasons.map(masked),
    steps: trace.steps.map(({ note, checks, ...step }) => ({
      ...step,
      ...(note !== undefined && { note: ownPartOf(note) }),
      checks: checks.map(({ expected, got, ...check }) => ({
        ...check,
        ...(expected !== undefined && { expected: masked(expected) }),
        ...(got !== undefined && { got: isPlain(check.name, got, expected) ? masked(got) : hidden }),
      })),
    })),
  }
}

/** Quotation marks begin text of an upstream; `got` is shown with its check. */
function ownPartOf(note: string): string {
  const begin = note.search(/“|(?<=, got )/)
  return begin === -1 ? masked(note) : `${masked(note.slice(0, begin))}${hidden}`
}

const settingChecks: ReadonlySet<string> = new Set([
  ...['iss', 'aud', 'azp', 'alg', 'typ', 'signature', 'state', 'same browser', 'iss of userinfo', 'aud of userinfo'],
  ...['audience', 'Destination', 'callback URL', 'issuer of the response', 'issuer of the assertion'],
])
const fixedWords =
  /^(none|one|several|another|another value|something else|neither|undefined|string|number|object|boolean|\d{1,3}|\d{4}-\d\d-\d\dT[\d:.]+Z)$/
const settingForm = /^[\w .,:;/?=&()'-]*$/

const isPlain = (name: string, got: string, expected: string | undefined): boolean =>
  got === expected || fixedWords.test(got) || (settingChecks.has(name) && settingForm.test(got))

const masked = (text: string) => withoutEmails(truncate(text))
