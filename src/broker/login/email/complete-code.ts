/** Signs in with an emailed code or link: once, in the browser or app that asked for it. */
import { checkOf, GatehouseError } from '../../../errors.ts'
import { assertLinkBrowser, linkPendingIdentity } from '../../identity/linking.ts'
import { forgetGuesses, mayTryCode } from '../../limits/mail-limits.ts'
import { rememberNetwork } from '../../limits/rate-limits.ts'
import { useRecord } from '../../one-time-code.ts'
import type { Ports } from '../../ports/core-ports.ts'
import { isTraceAllowed, openTrace, runTraced, type TracePorts } from '../attempt.ts'
import { type CompleteLoginPorts, completeLogin } from '../complete-login.ts'
import { resumeOf } from '../start-login.ts'
import { codeMinutes, findMailedCode, type MailedCodeContent, recordOf } from './mailed-code.ts'

export type EmailLoginPorts = CompleteLoginPorts & TracePorts & Ports<'counters'>

export interface EmailProof {
  readonly challenge: string
  readonly proof: { readonly code: string } | { readonly link: string }
  /** SHA-256 of the browser's id; undefined for an app. */
  readonly browser: string | undefined
  readonly source: string
  readonly device: string
}

/** Throws `code_expired` for an unknown, used or expired challenge. */
export async function openMailedCode({ codes }: Ports<'codes'>, challenge: string): Promise<MailedCodeContent> {
  const content = await findMailedCode(codes, challenge)
  if (content === null) throw codeExpired('the challenge is unknown, used or expired')
  return content
}

const codeExpired = (message: string) => new GatehouseError('code_expired', message)

/**
 * Throws `code_expired`. Refusals: `code_invalid`, `code_expired` after five tries or another use,
 * `login_other_browser`, `too_many_attempts`, and those of every login.
 */
export async function signInWithMailedCode(ports: EmailLoginPorts, given: EmailProof) {
  const { challenge, proof, browser, device, source } = given
  const content = await openMailedCode(ports, challenge)
  const { email, returnTo, link, reauthenticate } = content
  const connection = ports.connections.get(content.tenant, content.connection)
  const place = { tenant: content.tenant, connection: content.connection }
  const trace = openTrace(ports, { ...place, email, returnTo })
  const request = {
    ...place,
    returnTo,
    browser: browser ?? '',
    ...(link !== undefined && { link }),
    ...(reauthenticate !== undefined && { reauthenticate }),
  }
  const attempt = { connection, resume: resumeOf(ports.publicUrl, request, connection, trace), trace, device }
  const parameters = new URLSearchParams({ challenge, ...proof })
  const complete = () => connection.upstream.complete({ parameters, memo: {}, state: '', record: trace })
  const steps = async () => {
    const isSame = content.browser === browser
    const got = isSame ? 'the same' : 'another browser'
    trace.assertCheck('login_other_browser', checkOf('same browser', isSame, 'the browser that asked', got))
    await assertLinkBrowser(ports, request, trace)
    if ('code' in proof) await trace.step('limits', () => enforceTries(ports, given, content))
    const login = await trace.step('complete', complete)
    await Promise.all([
      rememberNetwork(ports.counters, place.tenant, { email, source }),
      forgetGuesses(ports.counters, place.tenant, { email, source, knownBrowser: content.knownBrowser }),
    ])
    const finished = await useRecord(ports.codes, ...recordOf(challenge), async (found) => {
      if (found === null) throw codeExpired('the code or its link was used already')
      return completeLogin(ports, attempt, login)
    })
    return finished.outcome === 'signed in' ? linkPendingIdentity(ports, finished, trace) : finished
  }
  return runTraced(ports, attempt, steps, isTraceAllowed(ports, source))
}

/** Counted before the code is compared, so that parallel guesses are no more than five. */
async function enforceTries(
  { codes, counters }: EmailLoginPorts,
  { challenge, source }: EmailProof,
  { tenant, email, browser, knownBrowser }: MailedCodeContent,
): Promise<void> {
  const hasLink = browser !== undefined
  const attempt = { challenge, email, source, seconds: codeMinutes * 60, knownBrowser, hasLink }
  if (await mayTryCode(counters, tenant, attempt)) return
  await codes.take(...recordOf(challenge))
  throw codeExpired('a wrong code was entered five times')
}
