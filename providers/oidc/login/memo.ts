/** The memo of a login, for all engines: bound to its connection, with the engine's own secrets. */
import { z } from 'zod'
import { GatehouseError } from '../../../src/errors.ts'
import type { ConnectionContext, Memo } from '../../../src/provider/provider.ts'

const common = z.object({ connection: z.string(), begunAt: z.number(), reauthenticate: z.boolean() })

export function newMemo<S extends Memo>(context: ConnectionContext, reauthenticate: boolean, secrets: S) {
  return { connection: nameOf(context), begunAt: context.now().getTime(), reauthenticate, ...secrets }
}

/** Throws `callback_malformed` unless this connection wrote the memo. */
export function readMemo<S>(
  secretsForm: z.ZodType<S>,
  memo: Memo,
  context: ConnectionContext,
): S & { readonly authenticatedAfter: Date | undefined } {
  const shared = common.safeParse(memo)
  const secrets = secretsForm.safeParse(memo)
  if (!shared.success || !secrets.success)
    throw new GatehouseError('callback_malformed', 'another kind of connection began this login')
  const { connection, begunAt, reauthenticate } = shared.data
  if (connection !== nameOf(context))
    throw new GatehouseError('callback_malformed', `${connection} began this login, not ${nameOf(context)}`)
  return { ...secrets.data, authenticatedAfter: reauthenticate ? new Date(begunAt) : undefined }
}

function nameOf({ tenant, connection }: ConnectionContext): string {
  return `${tenant}/${connection}`
}
