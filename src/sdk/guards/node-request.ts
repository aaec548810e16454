/** Requests of Node's HTTP server: what a guard reads of them, and who passed it. */
import type { IncomingMessage } from 'node:http'
import type { Caller, SessionCaller } from '../caller.ts'
import type { GuardedRequest } from './request.ts'

export function nodeRequest(request: IncomingMessage): GuardedRequest {
  const { headers, method = 'GET', url = '/' } = request
  // in a router of Express, `url` is only a part of the path
  const whole = 'originalUrl' in request && typeof request.originalUrl === 'string' ? request.originalUrl : url
  return { headers, method, url: whole }
}

/** A property of the request: values in a WeakMap would stay until a full garbage collection. */
const callerKey = Symbol('gatehouse caller')
type CheckedRequest = IncomingMessage & { [callerKey]?: Caller }

export function rememberCaller(request: IncomingMessage, caller: Caller): void {
  ;(request as CheckedRequest)[callerKey] = caller
}

/** The caller that passed `requireSession` or `requireScope`. Throws an Error without either. */
export function callerOf(request: IncomingMessage): Caller {
  const caller = (request as CheckedRequest)[callerKey]
  if (caller === undefined)
    throw new Error('callerOf(request): neither requireSession nor requireScope is in front of this handler')
  return caller
}

/** Like `callerOf`, behind `requireSession`. */
export function sessionUserOf(request: IncomingMessage): SessionCaller {
  const caller = callerOf(request)
  if (caller.kind !== 'session')
    throw new Error('sessionUserOf(request): requireSession is not in front of this handler')
  return caller
}
