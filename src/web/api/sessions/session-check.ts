/**
 * `GET /api/v1/session`, answered ahead of Express: one token, one store read, one response.
 * Apps call it for every request of a user.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { assertScope } from '../../../broker/access/authorize.ts'
import { type CredentialPorts, checkCredential } from '../../../broker/session/check-credential.ts'
import type { Session } from '../../../broker/session/session.ts'
import { referenceOf } from '../../../broker/trace.ts'
import type { GatehouseError } from '../../../errors.ts'
import { credentialRefused, readCredential } from '../../../http/presented-credential.ts'
import { asGatehouseError, endWithProblem, errorForLog, problemOf } from '../../../http/problem.ts'
import { sessionView } from '../../../http/views.ts'
import { HiddenProperty } from '../../../primitives/hidden-property.ts'
import { countFailure, type MeasuredChecks, resultsFor } from '../../../primitives/measured-checks.ts'
import type { Shell } from '../../shell.ts'
import { credentialClientOf, credentialPortsOf } from '../credential-ports.ts'

export const sessionCheckPath = '/api/v1/session'

export const isSessionCheck = ({ method, url = '' }: IncomingMessage) => method === 'GET' && isAt(url, sessionCheckPath)

/** Whether a URL is this path, with or without a query. */
export const isAt = (url: string, path: string) =>
  url.startsWith(path) && (url.length === path.length || url[path.length] === '?')

type SessionCheckShell = Pick<Shell, 'keyRing' | 'cookie' | 'log' | 'tenants' | 'trustedProxies'> & {
  readonly check: CredentialPorts
  readonly checks: MeasuredChecks
  readonly reference: () => string
}

export function sessionCheckShell(shell: Shell): SessionCheckShell {
  const { keyRing, cookie, log, tenants, trustedProxies, parts } = shell
  return {
    keyRing,
    cookie,
    log,
    tenants,
    trustedProxies,
    check: credentialPortsOf(shell),
    checks: shell.checks.session,
    reference: () => referenceOf(parts.random(8)),
  }
}

export async function answerSessionCheck(
  shell: SessionCheckShell,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let results = shell.checks.none
  try {
    const presented = readCredential(shell, request)
    results = resultsFor(shell.checks, presented?.token)
    const session =
      presented === null
        ? null
        : await checkCredential(shell.check, presented.token, presented.source, credentialClientOf(shell, request))
    if (session === null) {
      results.refused += 1
      return refuse(shell, response, credentialRefused(presented))
    }
    assertScope(session, 'sites:access')
    results.accepted += 1
    const { headers, body } = answerOf(session)
    response.writeHead(200, headers)
    response.end(body)
  } catch (thrown) {
    const error = asGatehouseError(thrown)
    countFailure(results, error)
    refuse(shell, response, error)
  }
}

interface Answer {
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

/** Reused as long as the store returns the same object. */
const answers = new HiddenProperty<Session, Answer>()

function answerOf(session: Session): Answer {
  const sent = answers.get(session)
  if (sent !== undefined) return sent
  const body = JSON.stringify(sessionView(session))
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
  }
  answers.set(session, { headers, body })
  return { headers, body }
}

function refuse(shell: SessionCheckShell, response: ServerResponse, error: GatehouseError): void {
  const reference = shell.reference()
  const problem = problemOf(error, reference)
  const line = { requestId: reference, route: sessionCheckPath, error: errorForLog(error) }
  if (problem.status >= 500) shell.log.error(line, 'session check failed')
  endWithProblem(response, problem)
}
