/** Failures of the store as OAuth errors. */
import { errors } from 'oidc-provider'
import { GatehouseError } from '../../errors.ts'

/** Throws `temporarily_unavailable` (RFC 6749 4.1.2.1), status 503, without the store. */
export function asOAuthError<T>(work: Promise<T>): Promise<T> {
  return work.catch(throwOAuthError)
}

function throwOAuthError(cause: unknown): never {
  if (cause instanceof GatehouseError && cause.code === 'request_invalid')
    throw new errors.InvalidRequest(
      'a value of the request cannot be stored: it is too long or contains a control character',
    )
  if (!(cause instanceof GatehouseError) || cause.code !== 'store_unavailable') throw cause
  const error = new errors.TemporarilyUnavailable('the storage does not respond; try again in a few seconds', { cause })
  error.status = error.statusCode = 503
  throw error
}
