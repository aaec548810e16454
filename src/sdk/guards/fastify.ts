/** Hooks for Fastify 5. They work as the guards of `gatehouse/express`. */
import type { IncomingMessage } from 'node:http'
import type { Caller, SessionCaller } from '../caller.ts'
import { createGuards, type GuardOptions, isRefusal } from './guards.ts'
import * as node from './node-request.ts'
import { type Refusal, responseOf } from './refusals.ts'

/** Fastify's request and reply, without needing its types. */
export interface GuardedFastifyRequest {
  readonly raw: IncomingMessage
}
export interface GuardedFastifyReply {
  code(status: number): unknown
  headers(values: Record<string, string>): unknown
  send(body: string): unknown
}
export type Hook = (request: GuardedFastifyRequest, reply: GuardedFastifyReply) => Promise<unknown>

/** Throws a TypeError for invalid options. */
export function gatehouse(options: GuardOptions<GuardedFastifyRequest>) {
  const { session, scopes, checker } = createGuards(options, ({ raw }) => node.nodeRequest(raw))
  const hook =
    (check: (request: GuardedFastifyRequest) => Promise<Caller | Refusal>): Hook =>
    async (request, reply) => {
      const decision = await check(request)
      if (!isRefusal(decision)) return node.rememberCaller(request.raw, decision)
      const { status, headers, body } = responseOf(decision)
      reply.code(status)
      reply.headers(headers)
      return reply.send(body)
    }
  return { checker, requireSession: () => hook(session), requireScope: (...wanted: string[]) => hook(scopes(wanted)) }
}

/** The caller that passed `requireSession` or `requireScope`. Throws an Error without either. */
export const callerOf = ({ raw }: GuardedFastifyRequest): Caller => node.callerOf(raw)
/** Like `callerOf`, behind `requireSession`. */
export const sessionUserOf = ({ raw }: GuardedFastifyRequest): SessionCaller => node.sessionUserOf(raw)
