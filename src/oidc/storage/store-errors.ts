/** A store that does not answer is no fault of the app: it is told to come back (RFC 6749 4.1.2.1). */
import { errors } from 'oidc-provider'
import { GatehouseError } from '../../errors.ts'

/** What `work` gives; an unreachable store as the OAuth error `temporarily_unavailable`, status 503. */
export function asOAuthError<T>(work: Promise<T>): Promise<T> {
  return work.catch(throwOAuthError)
}

function throwOAuthError(cause: unknown): never {
  if (cause instanceof GatehouseError && cause.code === 'request_invalid')
    throw new errors.InvalidRequest(
      'a value of the request cannot be stored: it is too long, or has a control character',
    )
  if (!(cause instanceof GatehouseError) || cause.code !== 'store_unavailable') throw cause
  const error = new errors.TemporarilyUnavailable('our storage does not answer; try again in a few seconds', { cause })
  error.status = error.statusCode = 503
  throw error
}
