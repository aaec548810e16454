/** `Authorization: Secret gth_d_…`: accepted only by rows that say so. */
import { checkDeveloperSecret } from '../../../broker/secrets/check-developer-secret.ts'
import type { Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { credentialsConflict, readCredential } from '../../../http/presented-credential.ts'
import { errorForLog } from '../../../http/problem.ts'
import type { Call } from '../../shell.ts'
import type { ApiRoute } from '../route.ts'

const secretForm = /^Secret +(gth_d_[0-9A-Za-z]{49})$/i

export function developerSecretOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : secretForm.exec(authorization)?.[1]
}

/** Throws `session_invalid` and `credentials_conflict`. */
export async function authenticateDeveloper(
  { shell, request }: Call,
  secret: string,
  { acceptsDeveloperSecret }: ApiRoute,
): Promise<Session> {
  if (acceptsDeveloperSecret !== true)
    throw new GatehouseError('session_invalid', "this call does not accept a developer's client secret", {
      text: "This call does not accept a developer's client secret. Send a session token.",
    })
  const other = readCredential(shell, request)
  if (other !== null) throw credentialsConflict('secret', other.source, shell.cookie)
  const onProblem = (sentence: string, cause: unknown) => shell.log.warn({ error: errorForLog(cause) }, sentence)
  const { developerSecrets, users, now } = shell.parts
  const ports = { developerSecrets, users, now, tenants: shell.tenants, onProblem }
  const session = await checkDeveloperSecret(ports, secret)
  if (session !== null) return session
  throw new GatehouseError('session_invalid', 'no live secret of an active developer', {
    text: "This client secret is unknown, expired or revoked, or its developer's access ended.",
  })
}
